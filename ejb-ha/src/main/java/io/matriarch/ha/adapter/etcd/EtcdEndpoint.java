package io.matriarch.ha.adapter.etcd;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One member of etcd and the one connection to it. A connection that does not answer is replaced: TCP's own repetitions grow to
 * minutes, and so does gRPC's back-off.
 */
final class EtcdEndpoint {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final int CONNECT_MS = 1_000;
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int MESSAGE_BYTES = 16 << 20;
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long REPLACE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final URI uri;
    private final Optional<EtcdSettings.Login> login;
    private final Optional<SslContext> tls;
    private final EventLoopGroup eventLoop;

    private @Nullable ManagedChannel channel;
    private boolean closed;
    private long builtAt;
    private long resetAt;
    private long silentSince;
    private boolean silent;
    private boolean versionChecked;
    private Optional<String> token = Optional.empty();

    EtcdEndpoint(URI uri, Optional<EtcdSettings.Login> login, Optional<SslContext> tls, EventLoopGroup eventLoop) {
        this.uri = uri;
        this.login = login;
        this.tls = tls;
        this.eventLoop = eventLoop;
    }

    /** One call; it may be made twice, when the first one meets a forgotten token, which etcd refuses before it does anything. */
    interface Call<T> {
        T on(Channel channel, Deadline deadline);
    }

    /**
     * Makes the call, after etcd's version and our identity are settled.
     *
     * @throws StatusRuntimeException as the call ended
     */
    <T> T run(Call<T> call, Deadline deadline) {
        Channel plain = open();
        try {
            checkVersion(plain, deadline);
            T result = authorized(plain, call, deadline);
            answered();
            return result;
        } catch (StatusRuntimeException e) {
            failed(e.getStatus());
            throw e;
        }
    }

    private <T> T authorized(Channel plain, Call<T> call, Deadline deadline) {
        if (login.isEmpty()) {
            return call.on(plain, deadline);
        }
        Optional<String> before = token();
        if (before.isPresent()) {
            try {
                return call.on(identified(plain, before.get()), deadline);
            } catch (StatusRuntimeException e) {
                if (!Statuses.tokenIsStale(e.getStatus())) {
                    throw e;
                }
            }
        }
        authenticate(plain, deadline);
        return call.on(identified(plain, token().orElse("")), deadline);
    }

    /** For a stream: with the present identity, empty when there is none yet (then a call must come first). */
    Optional<Channel> forStream() {
        Channel plain = open();
        if (login.isEmpty()) {
            return Optional.of(plain);
        }
        return token().map(t -> identified(plain, t));
    }

    /** The stream learned that the token is no longer good; the next call fetches another one. */
    synchronized void forgetToken() {
        token = Optional.empty();
    }

    private synchronized Optional<String> token() {
        return token;
    }

    private void authenticate(Channel plain, Deadline deadline) {
        EtcdSettings.Login who = login.orElseThrow();
        String fresh;
        try {
            fresh = AuthGrpc.newBlockingStub(plain)
                    .withDeadline(deadline)
                    .authenticate(AuthenticateRequest.newBuilder()
                            .setName(who.user())
                            .setPassword(who.password())
                            .build())
                    .getToken();
        } catch (StatusRuntimeException e) {
            if (!Statuses.authenticationIsOff(e.getStatus())) {
                throw e;
            }
            fresh = "";
        }
        synchronized (this) {
            token = Optional.of(fresh);
        }
    }

    private static Channel identified(Channel plain, String token) {
        if (token.isEmpty()) {
            return plain;
        }
        var headers = new Metadata();
        headers.put(TOKEN, token);
        ClientInterceptor attach = MetadataUtils.newAttachHeadersInterceptor(headers);
        return ClientInterceptors.intercept(plain, attach);
    }

    private void checkVersion(Channel plain, Deadline deadline) {
        synchronized (this) {
            if (versionChecked) {
                return;
            }
        }
        String version = MaintenanceGrpc.newBlockingStub(plain)
                .withDeadline(deadline)
                .status(StatusRequest.getDefaultInstance())
                .getVersion();
        Statuses.requireVersion(version);
        synchronized (this) {
            versionChecked = true;
        }
    }

    /** The connection, renewed or told to try again at once when it was broken. */
    private synchronized ManagedChannel open() {
        if (closed) {
            throw Status.CANCELLED.withDescription("closed").asRuntimeException();
        }
        long now = System.nanoTime();
        ManagedChannel open = channel;
        if (open != null && silent && now - silentSince > SILENT_NANOS && now - builtAt > REPLACE_NANOS) {
            open.shutdownNow();
            open = null;
        }
        if (open == null) {
            open = build();
            channel = open;
            builtAt = now;
            // The member behind the new connection may be another one, upgraded or downgraded.
            versionChecked = false;
        } else if (now - resetAt > RECONNECT_NANOS && open.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            resetAt = now;
            open.resetConnectBackoff();
        }
        return open;
    }

    private ManagedChannel build() {
        var builder = NettyChannelBuilder.forAddress(host(), uri.getPort())
                .channelType(NioSocketChannel.class, InetSocketAddress.class)
                .eventLoopGroup(eventLoop)
                .directExecutor()
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                // Three small messages a second need no pools of megabytes.
                .withOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                // A fixed window also ends the pings that measure one.
                .flowControlWindow(WINDOW_BYTES)
                .maxInboundMessageSize(MESSAGE_BYTES)
                .disableRetry()
                .disableServiceConfigLookUp()
                .maxTraceEvents(0)
                .proxyDetector(target -> null);
        if (uri.getScheme().equals("https")) {
            builder.sslContext(tls.orElseThrow());
        } else {
            builder.usePlaintext();
        }
        return builder.build();
    }

    private String host() {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private synchronized void answered() {
        silent = false;
    }

    private synchronized void failed(Status status) {
        if (status.getCode() != Status.Code.DEADLINE_EXCEEDED) {
            silent = false;
        } else if (!silent) {
            silent = true;
            silentSince = System.nanoTime();
        }
    }

    /** Does not block. */
    synchronized void close() {
        closed = true;
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
