package io.matriarch.ha.health;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the loop's latest {@link HealthReport} and judges it. Never blocks: one writer (the loop), any number of
 * readers.
 */
@ApplicationScoped
public class HealthState {

    /** A server that boots on a loaded machine has so long until its loop must have ticked for the first time. */
    static final Duration FIRST_TICK_ALLOWANCE = Duration.ofSeconds(60);

    private final long createdAtNanos = System.nanoTime();
    /** A manager's turn may wait for etcd, on each of its endpoints. */
    static final Duration MANAGER_ALLOWANCE = Duration.ofSeconds(60);

    private volatile Optional<HealthReport> latest = Optional.empty();
    private volatile Optional<ManagerReport> manager = Optional.empty();

    /** Replaces the report; called by the loop at the end of each cycle. */
    public void publish(HealthReport report) {
        latest = Optional.of(report);
    }

    /** Replaces a manager's report; called at the end of each of its turns. */
    public void publish(ManagerReport report) {
        manager = Optional.of(report);
    }

    /** Whether the loop turns. Depends on neither etcd nor PostgreSQL: a restart of the agent would not mend those. */
    public HealthVerdict live() {
        return liveAt(System.nanoTime());
    }

    /** Whether this member does its duty: PostgreSQL runs (where it is ours) in a cluster that has a leader. */
    public HealthVerdict ready() {
        return readyAt(System.nanoTime());
    }

    /** Whether the loop has completed its first cycle. */
    public HealthVerdict started() {
        boolean started = latest.isPresent() || isManagerAlone();
        return new HealthVerdict("matriarch-started", started, Map.of("firstCycle", started ? "done" : "pending"));
    }

    private boolean isManagerAlone() {
        return manager.filter(ManagerReport::alone).isPresent();
    }

    private HealthVerdict aloneLiveAt(ManagerReport report, long nowNanos) {
        Duration silent = Duration.ofNanos(nowNanos - report.tickedAtNanos());
        return new HealthVerdict(
                "matriarch-manager",
                silent.compareTo(MANAGER_ALLOWANCE) <= 0,
                Map.of("lastTurnMsAgo", Long.toString(silent.toMillis())));
    }

    /** A manager without a node is ready while one is elected and no promise is broken. */
    private HealthVerdict aloneReadyAt(ManagerReport report, long nowNanos) {
        Map<String, String> data = new LinkedHashMap<>();
        showManager(report, data);
        return new HealthVerdict(
                "matriarch-manager",
                aloneLiveAt(report, nowNanos).up()
                        && report.elected().isPresent()
                        && report.alarms().isEmpty(),
                data);
    }

    private static void showManager(ManagerReport report, Map<String, String> data) {
        data.put("manager", report.elected().orElse("nobody is elected"));
        data.put("alarms", report.alarms().isEmpty() ? "none" : String.join("; ", report.alarms()));
    }

    HealthVerdict liveAt(long nowNanos) {
        Optional<ManagerReport> alone = manager.filter(ManagerReport::alone);
        if (alone.isPresent()) {
            return aloneLiveAt(alone.get(), nowNanos);
        }
        Optional<HealthReport> report = latest;
        Duration silent = Duration.ofNanos(
                nowNanos - report.map(HealthReport::tickedAtNanos).orElse(createdAtNanos));
        Duration allowed = report.map(HealthReport::ttl).orElse(FIRST_TICK_ALLOWANCE);
        Map<String, String> data = new LinkedHashMap<>();
        data.put("lastCycleMsAgo", report.isPresent() ? Long.toString(silent.toMillis()) : "none yet");
        data.put("allowedMs", Long.toString(allowed.toMillis()));
        return new HealthVerdict("matriarch-loop", silent.compareTo(allowed) <= 0, data);
    }

    HealthVerdict readyAt(long nowNanos) {
        Optional<ManagerReport> alone = manager.filter(ManagerReport::alone);
        if (alone.isPresent()) {
            return aloneReadyAt(alone.get(), nowNanos);
        }
        String name = "matriarch-member";
        Optional<HealthReport> latestReport = latest;
        if (latestReport.isEmpty()) {
            return new HealthVerdict(name, false, Map.of("reason", "the loop has not completed its first cycle"));
        }
        HealthReport report = latestReport.get();
        Map<String, String> data = new LinkedHashMap<>();
        data.put("role", report.role());
        data.put("postgres", report.postgres().name().toLowerCase(java.util.Locale.ROOT));
        data.put("dcs", report.dcsReached() ? "reached" : "not reached");
        data.put("leader", report.leader().orElse("none"));
        // Shown only: a full repository must not take a database from its clients.
        manager.ifPresent(m -> showManager(m, data));
        boolean up = liveAt(nowNanos).up()
                && report.postgres() != HealthReport.Postgres.NOT_RUNNING
                && report.dcsReached()
                && report.leader().isPresent();
        return new HealthVerdict(name, up, data);
    }
}
