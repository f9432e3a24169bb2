package io.matriarch.ha.status;

import io.matriarch.ha.health.HealthReport;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.port.StatusBoard;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Holds the newest {@link NodeStatus}. One writer (the loop), any number of readers; nobody blocks. */
@ApplicationScoped
public class StatusBoardBean implements StatusBoard {
    private volatile Optional<NodeStatus> newest = Optional.empty();
    private final List<Consumer<NodeStatus>> listeners = new CopyOnWriteArrayList<>();
    private final HealthState health;

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
        health.publish(report(status));
        listeners.forEach(l -> l.accept(status));
    }

    /** The newest status; empty before the first cycle has ended. */
    public Optional<NodeStatus> newest() {
        return newest;
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
