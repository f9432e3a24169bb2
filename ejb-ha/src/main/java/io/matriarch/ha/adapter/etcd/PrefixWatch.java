package io.matriarch.ha.adapter.etcd;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * One supervised stream of changes. All of it runs on the event loop's one thread, so nothing here is locked.
 *
 * <p>A new stream begins at the present, after which the listener is called once: a reader of the whole state has missed nothing then,
 * and neither compaction nor a restored etcd can make the stream unusable. A stream that says nothing is asked for its progress; one
 * that does not answer is left for another endpoint.
 */
final class PrefixWatch {
    private static final Logger LOG = Logger.getLogger(PrefixWatch.class);
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
    private static final long TICK_MS = 1_000;
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(900);
    /** Classes are loaded and names resolved for the first stream. */
    private static final long FIRST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final long FIRST_PAUSE_MS = 20;
    private static final long MOST_PAUSE_MS = 500;

    private final Keys keys;
    private final EtcdEndpoints endpoints;
    private final EventLoop loop;
    private final Runnable onChange;
    private final WatchFilter filter = new WatchFilter();
    private final Metadata headers = new Metadata();

    private Optional<Stream> stream = Optional.empty();
    private Optional<ScheduledFuture<?>> ticks = Optional.empty();
    private boolean openingSoon;
    private boolean everOpened;
    private long pauseMs = FIRST_PAUSE_MS;
    /** Set by the closing thread at once, so that the end of its connection is not taken for a failure. */
    private volatile boolean closed;

    PrefixWatch(Keys keys, EtcdEndpoints endpoints, EventLoop loop, Runnable onChange) {
        this.keys = keys;
        this.endpoints = endpoints;
        this.loop = loop;
        this.onChange = onChange;
        headers.put(HAS_LEADER, "true");
    }

    void start() {
        loop.execute(() -> {
            ticks = Optional.of(loop.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS));
            open();
        });
    }

    /** The calls have left the endpoint that they used; a stream that stayed there would likely be silent. */
    void endpointLeft() {
        loop.execute(() -> {
            if (stream.filter(s -> s.endpoint != endpoints.current()).isPresent()) {
                reopen("its endpoint does not answer calls");
            }
        });
    }

    void close() {
        closed = true;
        loop.execute(() -> {
            ticks.ifPresent(t -> t.cancel(false));
            stream.ifPresent(Stream::cancel);
            stream = Optional.empty();
        });
    }

    private void tick() {
        try {
            look();
        } catch (RuntimeException e) {
            // An exception would end the ticking.
            LOG.error("The watch could not be checked; it is opened anew", e);
            reopen("it failed");
        }
    }

    private void look() {
        long now = System.nanoTime();
        if (stream.isEmpty()) {
            openAfter(0);
            return;
        }
        Stream s = stream.get();
        if (s.askedAt != 0 && now - s.askedAt > (everOpened ? ANSWER_NANOS : FIRST_ANSWER_NANOS)) {
            endpoints.leave(s.endpoint, "the watch is silent");
            // Leaving has asked for a new stream already, if there is another endpoint.
            if (stream.filter(same -> same == s).isPresent()) {
                reopen("it is silent");
            }
        } else if (s.askedAt == 0 && now - s.heardAt > QUIET_NANOS) {
            s.askForProgress(now);
        }
    }

    private void open() {
        openingSoon = false;
        if (closed || stream.isPresent()) {
            return;
        }
        EtcdEndpoint endpoint = endpoints.current();
        try {
            Optional<Channel> channel = endpoint.forStream();
            // Without identity yet: the calls of the loop fetch one; the next tick looks again.
            channel.ifPresent(c -> {
                var opened = new Stream(endpoint);
                stream = Optional.of(opened);
                opened.begin(c);
            });
        } catch (RuntimeException e) {
            broken("it cannot be opened: " + e.getMessage());
        }
    }

    private void reopen(String why) {
        stream.ifPresent(Stream::cancel);
        broken(why);
    }

    private void broken(String why) {
        LOG.debugf("The watch on %s is opened anew: %s", keys.prefix(), why);
        stream = Optional.empty();
        openAfter(pauseMs);
        pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2);
    }

    private void openAfter(long ms) {
        if (!openingSoon && !closed) {
            openingSoon = true;
            loop.schedule(this::open, ms, TimeUnit.MILLISECONDS);
        }
    }

    private void received(Stream from, WatchResponse response) {
        if (stream.filter(s -> s == from).isEmpty()) {
            return;
        }
        from.heardAt = System.nanoTime();
        from.askedAt = 0;
        if (response.getCanceled() || response.getCompactRevision() != 0) {
            if (response.getCancelReason().contains("token")) {
                from.endpoint.forgetToken();
            }
            reopen("etcd ended it: " + response.getCancelReason());
            return;
        }
        boolean matters = response.getCreated();
        for (Event event : response.getEventsList()) {
            matters |= matters(event);
        }
        if (response.getCreated()) {
            everOpened = true;
            pauseMs = FIRST_PAUSE_MS;
        }
        if (matters) {
            tell();
        }
    }

    private boolean matters(Event event) {
        Optional<String> key = keys.relative(event.getKv().getKey());
        if (key.isEmpty()) {
            return false;
        }
        return event.getType() == Event.EventType.DELETE
                ? filter.deleteMatters(key.get())
                : filter.putMatters(key.get(), event.getKv().getValue().toStringUtf8());
    }

    private void tell() {
        try {
            onChange.run();
        } catch (RuntimeException e) {
            LOG.error("The listener of the watch failed; the watch goes on", e);
        }
    }

    private void ended(Stream which, Status status) {
        if (stream.filter(s -> s == which).isEmpty()) {
            return;
        }
        if (Statuses.tokenIsStale(status)) {
            which.endpoint.forgetToken();
        } else {
            endpoints.leave(which.endpoint, "the watch ended: " + Statuses.describe(status));
        }
        if (stream.filter(s -> s == which).isPresent()) {
            broken(Statuses.describe(status));
        }
    }

    /** One stream to one endpoint. */
    private final class Stream implements ClientResponseObserver<WatchRequest, WatchResponse> {
        private final EtcdEndpoint endpoint;
        private Optional<ClientCallStreamObserver<WatchRequest>> requests = Optional.empty();
        private long heardAt = System.nanoTime();
        /** When an answer became due; 0 when none is. */
        private long askedAt = heardAt;

        Stream(EtcdEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        void begin(Channel channel) {
            var sink = WatchGrpc.newStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .watch(this);
            sink.onNext(WatchRequest.newBuilder()
                    .setCreateRequest(
                            WatchCreateRequest.newBuilder().setKey(keys.first()).setRangeEnd(keys.end()))
                    .build());
        }

        void askForProgress(long now) {
            askedAt = now;
            requests.ifPresent(r -> r.onNext(WatchRequest.newBuilder()
                    .setProgressRequest(WatchProgressRequest.getDefaultInstance())
                    .build()));
        }

        void cancel() {
            requests.ifPresent(r -> r.cancel("the watch is moved or closed", null));
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchRequest> observer) {
            requests = Optional.of(observer);
        }

        @Override
        public void onNext(WatchResponse response) {
            onLoop(() -> received(this, response));
        }

        @Override
        public void onError(Throwable cause) {
            onLoop(() -> ended(this, Status.fromThrowable(cause)));
        }

        @Override
        public void onCompleted() {
            onLoop(() -> ended(this, Status.UNAVAILABLE.withDescription("etcd closed the stream")));
        }

        /** A cancelled or refused stream may be told so on the thread that did it. */
        private void onLoop(Runnable task) {
            if (loop.inEventLoop()) {
                task.run();
            } else {
                loop.execute(task);
            }
        }
    }
}
