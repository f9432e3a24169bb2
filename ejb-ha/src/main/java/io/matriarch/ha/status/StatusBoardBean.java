package io.matriarch.ha.status;

import io.matriarch.ha.health.HealthReport;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.port.StatusBoard;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Holds the newest {@link NodeStatus}. One writer (the loop), any number of readers; nobody blocks. */
@ApplicationScoped
public class StatusBoardBean implements StatusBoard {
    private volatile Optional<NodeStatus> newest = Optional.empty();
    private final List<Consumer<NodeStatus>> listeners = new CopyOnWriteArrayList<>();
    private final HealthState health;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition published = lock.newCondition();

    /** For the container's proxy. */
    protected StatusBoardBean() {
        this(new HealthState());
    }

    @Inject
    public StatusBoardBean(HealthState health) {
        this.health = health;
    }

    @Override
    public void publish(NodeStatus status) {
        newest = Optional.of(status);
        lock.lock();
        try {
            published.signalAll();
        } finally {
            lock.unlock();
        }
        health.publish(report(status));
        listeners.forEach(l -> l.accept(status));
    }

    /** The newest status; empty before the first cycle has ended. */
    public Optional<NodeStatus> newest() {
        return newest;
    }

    /**
     * The newest status, after waiting for one whose look began at {@code moment} or later: for a member that asks before a hand-over or
     * an election, to whom a position of the cycle before is too old. The caller wakes the loop first. Blocks up to {@code bound}; then
     * the last one must do.
     */
    public Optional<NodeStatus> observedSince(MonotonicTime moment, Duration bound) throws InterruptedException {
        long left = bound.toNanos();
        lock.lock();
        try {
            while (newest.filter(s -> s.publishedAt().minus(s.cycleTook()).isAtOrAfter(moment))
                            .isEmpty()
                    && left > 0) {
                left = published.awaitNanos(left);
            }
            return newest;
        } finally {
            lock.unlock();
        }
    }

    /** Calls {@code listener} on the loop's thread with each new status: it must be quick and must not throw. */
    public void onPublish(Consumer<NodeStatus> listener) {
        listeners.add(listener);
    }

    private static HealthReport report(NodeStatus s) {
        boolean reached = s.dcs() instanceof DcsView.Reachable || s.failsafeActive();
        return new HealthReport(
                s.publishedAt().nanos(),
                s.dcs().lastKnown().map(c -> c.config().ttl()).orElse(Duration.ofSeconds(30)),
                s.node().postgres() == PostgresState.RUNNING
                        ? HealthReport.Postgres.RUNNING
                        : HealthReport.Postgres.NOT_RUNNING,
                s.memberRole().wire(),
                reached,
                s.dcs().lastKnown().flatMap(c -> c.leaderName()).map(n -> n.value()));
    }
}
