package io.matriarch.web.patroni;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The shell around {@link PatroniApi}. A servlet, for a router's probes come often and must cost little, and because Patroni's dispatch
 * (a fallback for every path of three methods) is none that JAX-RS knows.
 */
class PatroniServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int MAX_BODY_BYTES = 1 << 20;

    private static final int BUFFER_BYTES = 8_192;
    private static final long BODY_NANOS = 10_000_000_000L;

    private final transient PatroniApi api;

    private final transient StatusCache cache;

    PatroniServlet(PatroniApi api, StatusCache cache) {
        this.api = api;
        this.cache = cache;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String query = request.getQueryString() == null ? "" : request.getQueryString();
        String path = request.getRequestURI();
        Answer answer = switch (request.getMethod()) {
            case "GET" -> api.get(path, query);
            case "HEAD", "OPTIONS" -> api.probe(path, query);
            default -> command(request, path);
        };
        response.setStatus(answer.status());
        if (answer.contentType().isEmpty()) {
            response.setContentLength(0);
            return;
        }
        response.setContentType(answer.contentType());
        answer.headers().forEach(response::setHeader);
        cache.extraHeaders().forEach(response::setHeader);
        response.setContentLength(answer.body().length);
        response.getOutputStream().write(answer.body());
    }

    private Answer command(HttpServletRequest request, String path) throws IOException {
        if (!PatroniApi.isCommand(request.getMethod(), path)) {
            return PatroniApi.unsupported(request.getMethod());
        }
        var refusal = api.refusal(path, Refusal.caller());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        long length = request.getContentLengthLong();
        if (length > MAX_BODY_BYTES) {
            return Answer.page(413, "Request Entity Too Large", "Entity is too large");
        }
        if (length < 0) {
            return api.command(request.getMethod(), path, Optional.empty());
        }
        var body = read(request.getInputStream(), (int) length);
        return body.isEmpty()
                ? Answer.page(408, "Request Timeout", "The body did not come in time")
                : api.command(request.getMethod(), path, body);
    }

    /** Each read ends by the listener's time-out; a client that sends a byte now and then must not keep a worker either. */
    private static Optional<String> read(InputStream in, int length) throws IOException {
        long end = System.nanoTime() + BODY_NANOS;
        var body = new ByteArrayOutputStream();
        byte[] buffer = new byte[Math.min(length, BUFFER_BYTES)];
        while (body.size() < length) {
            int count = in.read(buffer, 0, Math.min(buffer.length, length - body.size()));
            if (count < 0) {
                break;
            }
            body.write(buffer, 0, count);
            if (body.size() < length && System.nanoTime() - end > 0) {
                return Optional.empty();
            }
        }
        return Optional.of(body.toString(StandardCharsets.UTF_8));
    }
}
