package io.matriarch.web.patroni;

import io.matriarch.ha.api.Access.Caller;
import io.undertow.servlet.handlers.ServletRequestContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The shell around {@link PatroniApi}. A servlet, for a router's probes come often and must cost little, and because Patroni's dispatch
 * (a fallback for every path of three methods) is none that JAX-RS knows.
 */
class PatroniServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int MAX_BODY_BYTES = 1 << 20;

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
        var refusal = api.refusal(
                path,
                new Caller(
                        request.getRemoteAddr(),
                        TlsListener.hasCertificate(
                                ServletRequestContext.requireCurrent().getExchange()),
                        Optional.ofNullable(request.getHeader("Authorization"))));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        long length = request.getContentLengthLong();
        if (length > MAX_BODY_BYTES) {
            return Answer.page(413, "Request Entity Too Large", "Entity is too large");
        }
        Optional<String> body = length < 0
                ? Optional.empty()
                : Optional.of(new String(request.getInputStream().readNBytes((int) length), StandardCharsets.UTF_8));
        return api.command(request.getMethod(), path, body);
    }
}
