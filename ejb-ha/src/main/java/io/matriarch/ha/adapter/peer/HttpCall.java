package io.matriarch.ha.adapter.peer;

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
    private static final int HTTP_ERROR = 400;

    private final HttpURLConnection connection;

    /** @throws IOException for a URL that is none */
    HttpCall(URI uri, PeerSettings settings, Duration bound) throws IOException {
        if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection http)) {
            throw new IOException("not an HTTP URL: " + uri);
        }
        this.connection = http;
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

    /** Blocks; each step for the bound at most. Another thread may end it by {@link #abort}. */
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
                byte[] read = in == null ? new byte[0] : in.readNBytes(MOST_BYTES);
                return new HttpAnswer(status, new String(read, StandardCharsets.UTF_8));
            }
        } finally {
            connection.disconnect();
        }
    }

    /** Ends the call from another thread; does not block. */
    void abort() {
        connection.disconnect();
    }
}
