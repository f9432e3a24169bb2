package io.matriarch.web.patroni;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What is sent back.
 *
 * @param contentType empty: only the status line
 */
record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
    private static final byte[] NOTHING = new byte[0];
    private static final String JSON = "application/json";
    /** Patroni labels its plain sentences so, without a charset. */
    private static final String TEXT = "text/html";

    static Answer statusOnly(int status) {
        return new Answer(status, "", NOTHING, Map.of());
    }

    static Answer json(int status, byte[] body) {
        return new Answer(status, JSON, body, Map.of());
    }

    static Answer json(int status, String body) {
        return json(status, body.getBytes(StandardCharsets.UTF_8));
    }

    static Answer text(int status, String sentence) {
        return new Answer(status, TEXT, sentence.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static Answer metrics(String text) {
        return new Answer(200, "text/plain", text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** The page of a refusal that concerns HTTP itself. */
    static Answer page(int status, String message, String explanation) {
        String html =
                "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Error response</title></head>\n"
                        + "<body>\n<h1>Error response</h1>\n<p>Error code: " + status + "</p>\n<p>Message: " + message
                        + ".</p>\n"
                        + "<p>Error code explanation: " + status + " - " + explanation + ".</p>\n</body>\n</html>\n";
        return new Answer(status, "text/html;charset=utf-8", html.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    Answer with(String header, String value) {
        return new Answer(status, contentType, body, Map.of(header, value));
    }
}
