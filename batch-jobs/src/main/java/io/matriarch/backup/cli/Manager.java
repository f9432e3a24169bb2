package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.config.BasicCredentials;
import io.matriarch.ha.config.ConfigLoader;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A manager's REST interface. By {@link HttpURLConnection}, which is loaded in a third of the time of its successor: a command that a human
 * types has to answer at once.
 *
 * @param url without a path
 * @param credentials for commands, if the manager asks for any
 */
record Manager(URI url, Optional<BasicCredentials> credentials) {
    private static final int TIMEOUT = 30_000;
    private static final int LONG_TIMEOUT = 1_800_000;
    private static final int TEMPORARY_REDIRECT = 307;
    private static final int UNAVAILABLE = 503;
    private static final int MOST_HOPS = 3;
    /** A lease of a manager that went down, and the election after it. */
    private static final long ELECTION_NANOS = 20_000_000_000L;

    private static final long LOOK_NANOS = 500_000_000L;
    private static final String USUAL = "http://127.0.0.1:8008";

    /** The one that {@code --url} or {@code --config} names; without either the one on this machine. */
    static Manager of(Arguments arguments) throws UsageException {
        var url = arguments.value("--url");
        var file = arguments.value("--config");
        if (url.isPresent() && file.isPresent()) {
            throw new UsageException("either --url or --config, not both");
        }
        if (file.isPresent()) {
            var config = ConfigLoader.ofProcess().load(Path.of(file.get())).config();
            return new Manager(
                    URI.create(config.restapi().apiUrl()), config.restapi().authentication());
        }
        if (url.filter(u -> !u.matches("https?://[^/ ]+/?")).isPresent()) {
            throw new UsageException("--url is \"" + url.get() + "\"; allowed: http://HOST:PORT or https://HOST:PORT");
        }
        return new Manager(URI.create(url.orElse(USUAL)), Optional.empty());
    }

    /** What came back. */
    record Answer(int status, String body) {
        boolean ok() {
            return status < 300;
        }

        JsonObject json() throws IOException {
            return Json.tryParseObject(body).orElseThrow(() -> new IOException("the answer is no JSON: " + body));
        }

        /** One sentence of a refusal. */
        String problem() {
            var problem = Json.tryParseObject(body);
            return problem.flatMap(p -> p.string("title")).orElse("status " + status)
                    + problem.flatMap(p -> p.string("detail"))
                            .map(d -> ". " + d)
                            .orElse(body.isBlank() ? "" : ": " + body);
        }
    }

    Answer get(String path) throws IOException {
        return ask("GET", path, "", TIMEOUT);
    }

    /** A question whose answer takes a look into the repository. */
    Answer getSlowly(String path) throws IOException {
        return ask("GET", path, "", LONG_TIMEOUT);
    }

    Answer post(String path) throws IOException {
        return ask("POST", path, "", TIMEOUT);
    }

    /** With a JSON body; the answer may take a look into the repository. */
    Answer postSlowly(String path, String body) throws IOException {
        return ask("POST", path, body, LONG_TIMEOUT);
    }

    /** @param body a JSON document, or empty */
    Answer send(String method, String path, String body) throws IOException {
        return ask(method, path, body, TIMEOUT);
    }

    /** Asks; goes on to the elected manager when this one names it, and waits for an election that is on its way. */
    private Answer ask(String method, String path, String body, int timeout) throws IOException {
        var asked = url.resolve(path);
        var at = asked;
        long end = System.nanoTime() + ELECTION_NANOS;
        for (int hops = 0; ; ) {
            HttpURLConnection connection;
            int status;
            try {
                connection = connect(method, at, body, timeout);
                status = connection.getResponseCode();
            } catch (ConnectException e) {
                if (at.equals(asked) || System.nanoTime() - end > 0) {
                    throw e;
                }
                // The one that was elected has just gone down; the one that was asked will know the next.
                at = asked;
                hops = 0;
                LockSupport.parkNanos(LOOK_NANOS);
                continue;
            }
            var next = Optional.ofNullable(connection.getHeaderField("Location"));
            if (status == TEMPORARY_REDIRECT && next.isPresent() && hops < MOST_HOPS) {
                at = elsewhere(at, at.resolve(next.get()));
                hops++;
                continue;
            }
            var answer = answer(connection, status);
            boolean later = connection.getHeaderField("Retry-After") != null && System.nanoTime() - end < 0;
            if (status != UNAVAILABLE || !later) {
                return answer;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Credentials do not follow from an encrypted connection to one that is not. */
    private static URI elsewhere(URI from, URI to) throws IOException {
        if ("https".equals(from.getScheme()) && !"https".equals(to.getScheme())) {
            throw new IOException(from + " sends on to " + to + ", which is not encrypted");
        }
        return to;
    }

    private HttpURLConnection connect(String method, URI at, String body, int timeout) throws IOException {
        var connection = (HttpURLConnection) at.toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(TIMEOUT);
        connection.setReadTimeout(timeout);
        credentials.ifPresent(c -> {
            var pair = (c.username() + ":" + c.password().reveal()).getBytes(StandardCharsets.UTF_8);
            connection.setRequestProperty(
                    "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        });
        if (!method.equals("GET")) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setFixedLengthStreamingMode(bytes.length);
            try (var out = connection.getOutputStream()) {
                out.write(bytes);
            }
        }
        return connection;
    }

    private static Answer answer(HttpURLConnection connection, int status) throws IOException {
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
