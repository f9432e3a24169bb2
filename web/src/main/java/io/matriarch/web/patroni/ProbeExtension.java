package io.matriarch.web.patroni;

import io.matriarch.ha.config.RestApiConfig;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.RequestBufferingHandler;
import io.undertow.servlet.ServletExtension;
import io.undertow.servlet.api.DeploymentInfo;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.Optional;

/**
 * Puts {@link ProbeHandler} before the servlets, and a TLS listener before both when the configuration asks for one. The server finds it as
 * a service when it deploys the web application.
 */
public final class ProbeExtension implements ServletExtension {
    /** Of 16 KiB; what is longer is read by a worker. */
    private static final int BODY_BUFFERS = 4;

    private static final String CACHE = StatusCache.class.getName();
    private static final String TLS = RestApiConfig.class.getName();
    private static final String LISTENER = TlsListener.class.getName();

    @Override
    public void handleDeployment(DeploymentInfo deployment, ServletContext context) {
        // The loop stamps a status by the same clock (SystemClock).
        var cache = new StatusCache(System::nanoTime);
        context.setAttribute(CACHE, cache);
        var application = new Application();
        deployment.addInitialHandlerChainWrapper(next -> {
            // A client that is slow to send its body keeps a connection, not a worker.
            var probes = new ProbeHandler(new RequestBufferingHandler(next, BODY_BUFFERS), cache);
            application.handler = probes;
            return probes;
        });
        deployment.addDeploymentCompleteListener(new ServletContextListener() {
            @Override
            public void contextInitialized(ServletContextEvent event) {
                if (context.getAttribute(TLS) instanceof RestApiConfig config) {
                    config.tls()
                            .map(tls -> TlsListener.open(config.listen(), tls, application.handler))
                            .ifPresent(listener -> context.setAttribute(LISTENER, listener));
                }
            }

            @Override
            public void contextDestroyed(ServletContextEvent event) {
                listener(context).ifPresent(TlsListener::close);
            }
        });
    }

    /** The whole application; the server puts it together between two of its calls to us. */
    private static final class Application {
        private HttpHandler handler = exchange -> exchange.setStatusCode(HealthTable.UNHEALTHY);
    }

    static StatusCache cacheOf(ServletContext context) {
        if (context.getAttribute(CACHE) instanceof StatusCache cache) {
            return cache;
        }
        throw new IllegalStateException("the server did not call " + ProbeExtension.class.getName());
    }

    /** Has a TLS listener opened as soon as the application can answer, if {@code config} names a certificate. */
    static void serveTls(ServletContext context, RestApiConfig config) {
        context.setAttribute(TLS, config);
    }

    /** New connections see the certificate that the files hold now. */
    static void renewTls(ServletContext context, RestApiConfig config) {
        config.tls().ifPresent(tls -> listener(context).ifPresent(listener -> listener.renew(tls)));
    }

    private static Optional<TlsListener> listener(ServletContext context) {
        return context.getAttribute(LISTENER) instanceof TlsListener listener
                ? Optional.of(listener)
                : Optional.empty();
    }
}
