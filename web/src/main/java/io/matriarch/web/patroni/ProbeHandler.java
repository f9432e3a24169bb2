package io.matriarch.web.patroni;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.nio.ByteBuffer;

/**
 * Answers health probes on the I/O thread, before a servlet, its filters and the bean container cost anything: a judgement of a few
 * fields and bytes that are already there. Everything else goes on to the servlets. Never blocks.
 */
final class ProbeHandler implements HttpHandler {
    private static final String JSON = "application/json";

    private final HttpHandler next;
    private final StatusCache cache;

    ProbeHandler(HttpHandler next, StatusCache cache) {
        this.next = next;
        this.cache = cache;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String path = exchange.getRequestPath();
        HttpString method = exchange.getRequestMethod();
        boolean statusOnly = method.equals(Methods.HEAD) || method.equals(Methods.OPTIONS);
        if (!(statusOnly ? isOurs(path) : method.equals(Methods.GET) && isProbe(path))) {
            next.handleRequest(exchange);
            return;
        }
        exchange.setStatusCode(cache.health(path, exchange.getQueryString()));
        if (statusOnly) {
            exchange.setResponseContentLength(0);
            exchange.endExchange();
            return;
        }
        byte[] document = cache.document();
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
        cache.extraHeaders()
                .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        exchange.setResponseContentLength(document.length);
        exchange.getResponseSender().send(ByteBuffer.wrap(document));
    }

    /** Health questions whose answer is the status document. */
    static boolean isProbe(String path) {
        return isOurs(path) && HealthEndpoint.of(path) != HealthEndpoint.OTHER;
    }

    /** Not our own interface, and not the three questions of MicroProfile Health. */
    private static boolean isOurs(String path) {
        return !path.startsWith("/matriarch") && !path.startsWith("/health/");
    }
}
