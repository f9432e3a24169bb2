package io.matriarch.tests.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Asks an HTTP service; the answer may be "nobody there". */
public interface Http {
    /** What came back. */
    record Answer(int status, String body) {
        /** The body as maps, lists and scalars: JSON is YAML. */
        public Object json() {
            return Optional.ofNullable(new Load(LoadSettings.builder().build()).loadFromString(body))
                    .orElse("");
        }
    }

    /**
     * @throws IOException when nobody answered in time
     */
    Answer send(String method, String url, Optional<String> body, Duration limit) throws IOException;

    default Answer get(String url) throws IOException {
        return send("GET", url, Optional.empty(), Duration.ofSeconds(5));
    }

    default Answer post(String url, String json) throws IOException {
        return send("POST", url, Optional.of(json), Duration.ofSeconds(60));
    }

    /** From this machine's own network. */
    Http DIRECT = by(HttpClient.newBuilder());

    /** The same over TLS, with what {@code context} trusts and shows. */
    static Http over(SSLContext context) {
        return by(HttpClient.newBuilder().sslContext(context));
    }

    private static Http by(HttpClient.Builder settings) {
        HttpClient client = settings.version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
        return (method, url, body, limit) -> {
            HttpRequest.BodyPublisher publisher =
                    body.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody);
            var request = HttpRequest.newBuilder(URI.create(url)).timeout(limit).method(method, publisher);
            if (body.isPresent()) {
                request.header("Content-Type", "application/json");
            }
            try {
                HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
                return new Answer(response.statusCode(), response.body());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while asking " + url, e);
            }
        };
    }

    /** From inside the given host, by curl. */
    static Http from(Host host) {
        return (method, url, body, limit) -> {
            List<String> command = new ArrayList<>(
                    List.of("curl", "-sS", "-X", method, "-m", Long.toString(Math.max(1, limit.toSeconds()))));
            command.addAll(List.of("-w", "\n%{http_code}"));
            body.ifPresent(text -> command.addAll(List.of("-H", "Content-Type: application/json", "-d", text)));
            command.add(url);
            Command.Result result = Command.tryRun(host.on(command));
            int split = result.output().lastIndexOf('\n');
            if (result.code() != 0 || split < 0) {
                throw new IOException(url + ": " + result.output().strip());
            }
            int status = Integer.parseInt(result.output().substring(split + 1).strip());
            return new Answer(status, result.output().substring(0, split));
        };
    }
}
