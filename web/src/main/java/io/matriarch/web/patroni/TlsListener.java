package io.matriarch.web.patroni;

import io.matriarch.ha.config.HostPort;
import io.matriarch.ha.config.RestApiConfig.Tls;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RenegotiationRequiredException;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jboss.logging.Logger;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.SslClientAuthMode;

/**
 * The REST port over TLS. The server's own listener would want a Java key store and a management operation for each new certificate;
 * this one takes the PEM files of the configuration, and new ones while it runs. Thread safe.
 */
final class TlsListener implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("io.matriarch");
    private static final int IO_THREADS = 2;
    private static final int IDLE_WORKERS = 4;
    /** A switchover may keep one for 20 s, and what peers ask before an election must find another. */
    private static final int MOST_WORKERS = 32;

    private static final int WORKER_IDLE_MILLIS = 30_000;

    private static final int NO_REQUEST_MILLIS = 60_000;
    /** As that of the server's own listener, in provisioning/configure.cli. */
    private static final int READ_MILLIS = 10_000;

    private static final long MOST_BYTES = 10_000_000;

    private final Undertow server;

    private TlsListener(Undertow server) {
        this.server = server;
    }

    /**
     * Opens the port; blocks for the disk.
     *
     * @throws RuntimeException when a file cannot be used or the port is taken: the deployment, and so the start of the agent, fails
     */
    static TlsListener open(HostPort at, Tls tls, HttpHandler application) {
        var builder = Undertow.builder()
                .setIoThreads(IO_THREADS)
                .setWorkerOption(Options.WORKER_TASK_CORE_THREADS, IDLE_WORKERS)
                .setWorkerOption(Options.WORKER_TASK_MAX_THREADS, MOST_WORKERS)
                .setWorkerOption(Options.WORKER_TASK_KEEPALIVE, WORKER_IDLE_MILLIS)
                .setSocketOption(Options.READ_TIMEOUT, READ_MILLIS)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, NO_REQUEST_MILLIS)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, NO_REQUEST_MILLIS)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, MOST_BYTES)
                .setSocketOption(Options.SSL_CLIENT_AUTH_MODE, clientAuth(tls))
                .addHttpsListener(at.port(), at.bindable(), tls.context(), application);
        var suites = tls.cipherSuites();
        if (!suites.isEmpty()) {
            builder.setSocketOption(Options.SSL_ENABLED_CIPHER_SUITES, Sequence.of(suites));
        }
        var server = builder.build();
        server.start();
        LOG.infof("[tls-listening] REST over TLS on %s, certificate %s", at, tls.certfile());
        return new TlsListener(server);
    }

    private static SslClientAuthMode clientAuth(Tls tls) {
        return switch (tls.verifyClient()) {
            case NONE -> SslClientAuthMode.NOT_REQUESTED;
            case OPTIONAL -> SslClientAuthMode.REQUESTED;
            case REQUIRED -> SslClientAuthMode.REQUIRED;
        };
    }

    /** Whether the caller presented a certificate; the listener has found it good then. False on a plain connection. */
    static boolean hasCertificate(HttpServerExchange exchange) {
        var session = Optional.ofNullable(exchange.getConnection().getSslSessionInfo());
        if (session.isEmpty()) {
            return false;
        }
        try {
            return session.get().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException | RenegotiationRequiredException e) {
            return false;
        }
    }

    /**
     * Reads the files again, for connections from now on; blocks for the disk.
     *
     * @throws IllegalArgumentException when one cannot be used; the old ones stay
     */
    void renew(Tls tls) {
        var context = tls.context();
        server.getListenerInfo().forEach(listener -> listener.setSslContext(context));
        LOG.infof("[tls-renewed] certificate %s was read again", tls.certfile());
    }

    @Override
    public void close() {
        server.stop();
    }
}
