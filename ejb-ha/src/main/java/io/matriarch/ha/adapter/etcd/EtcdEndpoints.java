package io.matriarch.ha.adapter.etcd;

import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.matriarch.ha.port.DcsUnavailableException;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * All members of etcd: stays with one as long as it answers and goes on to the next one when it does not, so that a frozen member
 * costs one short deadline and not each third call.
 */
final class EtcdEndpoints {
    private static final Logger LOG = Logger.getLogger(EtcdEndpoints.class);
    /** Longer than a leader election with etcd's defaults lets a healthy member hesitate, shorter than anybody's lease. */
    private static final long LEAST_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
    /** What a write waits for on one member at least, unless that leaves no time for another: etcd's disk may be slow without being dead. */
    private static final long WRITE_TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1_200);
    /** Classes are loaded and names resolved during the first call. */
    private static final long FIRST_TRY_NANOS = TimeUnit.SECONDS.toNanos(4);

    private static final long FIRST_BUDGET_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final List<EtcdEndpoint> endpoints;
    /** Begins with the member on this host, if there is one: the loss of another host does not disturb its calls then. */
    private final AtomicInteger current;
    /** Who answered last; empty while nobody does. Logged when it changes, not at each try. */
    private volatile Optional<EtcdEndpoint> answering = Optional.empty();

    private volatile boolean everAnswered;
    private volatile boolean closed;
    private volatile Runnable onRotation = () -> {};

    EtcdEndpoints(EtcdSettings settings, EventLoopGroup eventLoop) {
        boolean https =
                settings.endpoints().stream().anyMatch(uri -> uri.getScheme().equals("https"));
        Optional<SslContext> tls = https ? Optional.of(EtcdTls.context(settings.tls())) : Optional.empty();
        this.endpoints = settings.endpoints().stream()
                .map(uri -> new EtcdEndpoint(uri, settings.login(), tls, eventLoop))
                .toList();
        this.current =
                new AtomicInteger(LocalHost.firstLocal(settings.endpoints()).orElse(0));
    }

    /** A call that learns whether an earlier try of it may have worked. */
    interface Try<T> {
        T on(io.grpc.Channel channel, Deadline deadline, boolean mayHaveWorked);
    }

    /** Runs the hook whenever an endpoint was given up; it must not block. */
    void onRotation(Runnable hook) {
        onRotation = hook;
    }

    EtcdEndpoint current() {
        return endpoints.get(current.get());
    }

    /** Leaves the endpoint if it is still the current one. */
    void leave(EtcdEndpoint endpoint, String why) {
        if (stopsAnswering(endpoint)) {
            LOG.infof("etcd endpoint %s failed: %s", endpoint, why);
        }
        int index = endpoints.indexOf(endpoint);
        if (endpoints.size() > 1 && current.compareAndSet(index, (index + 1) % endpoints.size())) {
            onRotation.run();
        }
    }

    private void answered(EtcdEndpoint endpoint) {
        everAnswered = true;
        if (answering.isEmpty() && startsToAnswer(endpoint)) {
            LOG.infof("etcd endpoint %s answers", endpoint);
        }
    }

    private synchronized boolean stopsAnswering(EtcdEndpoint endpoint) {
        boolean changed = !closed && answering.filter(endpoint::equals).isPresent();
        if (changed) {
            answering = Optional.empty();
        }
        return changed;
    }

    private synchronized boolean startsToAnswer(EtcdEndpoint endpoint) {
        boolean changed = answering.isEmpty();
        if (changed) {
            answering = Optional.of(endpoint);
        }
        return changed;
    }

    /**
     * Tries one endpoint after the other until one answers or the budget is used up.
     *
     * @param what for people: what was tried
     * @throws StatusRuntimeException when etcd answered with an error that every endpoint would answer with
     */
    <T> T call(String what, Duration budget, Try<T> attempt) throws DcsUnavailableException {
        long budgetNanos = budgetNanos(budget);
        return call(what, System.nanoTime() + budgetNanos, tryNanos(budgetNanos), attempt);
    }

    /** As {@link #call}, for what has to reach etcd's disks. */
    <T> T write(String what, Duration budget, Try<T> attempt) throws DcsUnavailableException {
        long budgetNanos = budgetNanos(budget);
        long patience = Math.min(WRITE_TRY_NANOS, budgetNanos / 5 * 3);
        return call(what, System.nanoTime() + budgetNanos, Math.max(patience, tryNanos(budgetNanos)), attempt);
    }

    private long budgetNanos(Duration budget) {
        return everAnswered ? budget.toNanos() : Math.max(budget.toNanos(), FIRST_BUDGET_NANOS);
    }

    /** As {@link #call}, but never longer than {@code bound}, not even the first time. */
    <T> T callWithin(String what, Duration bound, Try<T> attempt) throws DcsUnavailableException {
        return call(what, System.nanoTime() + bound.toNanos(), tryNanos(bound.toNanos()), attempt);
    }

    private long tryNanos(long budgetNanos) {
        long share = Math.max(LEAST_TRY_NANOS, budgetNanos / endpoints.size());
        return everAnswered ? share : Math.max(FIRST_TRY_NANOS, share);
    }

    private <T> T call(String what, long end, long tryNanos, Try<T> attempt) throws DcsUnavailableException {
        Map<EtcdEndpoint, Status> failures = new LinkedHashMap<>();
        boolean mayHaveWorked = false;
        long start = System.nanoTime();
        for (int tries = 1; ; tries++) {
            EtcdEndpoint endpoint = current();
            long left = end - System.nanoTime();
            if (closed || left <= 0 || Thread.currentThread().isInterrupted()) {
                throw unavailable(what, start, failures);
            }
            try {
                boolean again = mayHaveWorked;
                T result = endpoint.run(
                        (channel, deadline) -> attempt.on(channel, deadline, again),
                        Deadline.after(Math.min(left, tryNanos), TimeUnit.NANOSECONDS));
                answered(endpoint);
                return result;
            } catch (StatusRuntimeException e) {
                if (Statuses.isFinal(e.getStatus())) {
                    throw e;
                }
                failures.put(endpoint, e.getStatus());
                mayHaveWorked |= Statuses.mayHaveWorked(e.getStatus());
                leave(endpoint, what + ": " + Statuses.describe(e.getStatus()));
            }
            if (tries % endpoints.size() == 0) {
                LockSupport.parkNanos(Math.min(PAUSE_NANOS, Math.max(0, end - System.nanoTime())));
            }
        }
    }

    private DcsUnavailableException unavailable(String what, long start, Map<EtcdEndpoint, Status> failures) {
        if (closed) {
            return new DcsUnavailableException(what + ": the connection to etcd is closed");
        }
        var text = new StringBuilder(what).append(" failed after ");
        text.append(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).append(" ms");
        failures.forEach((endpoint, status) ->
                text.append("; ").append(endpoint).append(": ").append(Statuses.describe(status)));
        if (Thread.currentThread().isInterrupted()) {
            text.append("; interrupted");
        }
        return new DcsUnavailableException(text.toString());
    }

    /** Does not block. */
    void close() {
        closed = true;
        endpoints.forEach(EtcdEndpoint::close);
    }
}
