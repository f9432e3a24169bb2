package io.matriarch.ha.adapter.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;

/**
 * One request on a connection of its own. The JDK's older client is used on purpose: it needs no threads and no warm-up, and elections,
 * when peers are asked, are rare and in a hurry.
 */
final class HttpCall {
    private static final int MOST_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 8_192;
    private static final int HTTP_ERROR = 400;

    private final HttpURLConnection connection;
    private final long end;

    /** @throws IOException for a URL that is none */
    HttpCall(URI uri, PeerSettings settings, Duration bound) throws IOException {
        if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection http)) {
            throw new IOException("not an HTTP URL: " + uri);
        }
        this.connection = http;
        this.end = System.nanoTime() + 2 * bound.toNanos();
        int millis = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bound.toMillis()));
        http.setConnectTimeout(millis);
        http.setReadTimeout(millis);
        http.setInstanceFollowRedirects(false);
        http.setUseCaches(false);
        http.setRequestProperty("Connection", "close");
        http.setRequestProperty("User-Agent", "Matriarch");
        settings.login().ifPresent(login -> http.setRequestProperty("Authorization", "Basic " + encoded(login)));
        if (http instanceof HttpsURLConnection https) {
            https.setSSLSocketFactory(settings.tls().getSocketFactory());
            https.setHostnameVerifier((host, session) -> true);
        }
    }

    private static String encoded(PeerSettings.Login login) {
        String pair = login.user() + ":" + login.password();
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Blocks: each step for the bound at most, and no step begins after twice the bound.
     *
     * @throws IOException without an answer in that time
     */
    HttpAnswer send(Optional<String> body) throws IOException {
        try {
            if (body.isPresent()) {
                byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
                connection.setRequestMethod("POST");
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(bytes.length);
                connection.getOutputStream().write(bytes);
            }
            int status = connection.getResponseCode();
            try (InputStream in = status < HTTP_ERROR ? connection.getInputStream() : connection.getErrorStream()) {
                return new HttpAnswer(status, in == null ? "" : read(in));
            }
        } finally {
            connection.disconnect();
        }
    }

    /** A server that sends a byte now and then never meets the read time-out; the deadline ends it. */
    private String read(InputStream in) throws IOException {
        var out = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
            if (out.size() > MOST_BYTES || System.nanoTime() - end > 0) {
                throw new IOException("the answer is too long or too slow");
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
