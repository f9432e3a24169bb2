package io.matriarch.web.patroni;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.SynchronousMode;

/** Patroni's truth table of health checks (patroni/api.py, do_GET): pure, judged anew at each request because a lease ends by time. */
final class HealthTable {
    static final int HEALTHY = 200;
    static final int UNHEALTHY = 503;

    private HealthTable() {}

    static int statusFor(HealthEndpoint endpoint, HealthFacts facts, HealthQuery query, MonotonicTime now) {
        boolean healthy = isHealthy(endpoint, facts, query, now)
                && (!endpoint.asksForTags() || query.tags().isEmpty() || tagsMatch(facts, query));
        return healthy ? HEALTHY : UNHEALTHY;
    }

    /** {@code GET /liveness}: whether the loop turns. */
    static int liveness(HealthFacts facts, MonotonicTime now) {
        int patience = facts.isRunningPrimary() ? 1 : 2;
        boolean turns = now.isBefore(facts.nextCycleBy().plus(facts.ttl().multipliedBy(patience)));
        return facts.paused() || turns ? HEALTHY : UNHEALTHY;
    }

    /** {@code GET /readiness}: leads, or streams without lagging. */
    static int readiness(HealthFacts facts, HealthQuery query, MonotonicTime now) {
        if (facts.holdsLock(now)) {
            return HEALTHY;
        }
        boolean streams =
                facts.state().equals("running") && facts.replicationState().equals("streaming");
        if (!streams || !now.isBefore(facts.staleAt())) {
            return UNHEALTHY;
        }
        long byStatusKey = facts.seesCluster(now) ? facts.leaderPosition() : 0;
        long leader = Math.max(byStatusKey, facts.leaderEnd());
        if (leader == 0) {
            return facts.failsafeActive() ? HEALTHY : UNHEALTHY;
        }
        long own = query.written() ? facts.received() : facts.replayed();
        return leader - own <= query.lagBytes().orElse(facts.maximumLagOnFailover()) ? HEALTHY : UNHEALTHY;
    }

    private static boolean isHealthy(HealthEndpoint endpoint, HealthFacts facts, HealthQuery query, MonotonicTime now) {
        return switch (endpoint) {
            case STANDBY_LEADER -> standbyLeader(facts, now);
            case LEADER -> leader(facts, now);
            case PRIMARY -> primary(facts, now);
            case REPLICA -> replica(facts, query, now);
            case READ_ONLY -> leads(facts, now) || replica(facts, query, now);
            case HEALTH -> facts.state().equals("running") && now.isBefore(facts.staleAt());
            case SYNC ->
                facts.seesCluster(now) && listed(facts, SynchronousMode.PRIORITY) && replica(facts, query, now);
            case QUORUM ->
                facts.seesCluster(now) && listed(facts, SynchronousMode.QUORUM) && replica(facts, query, now);
            case ASYNC ->
                facts.seesCluster(now)
                        && !listed(facts, SynchronousMode.PRIORITY)
                        && !listed(facts, SynchronousMode.QUORUM)
                        && replica(facts, query, now);
            case READ_ONLY_QUORUM ->
                facts.seesCluster(now)
                        && (leads(facts, now) || listed(facts, SynchronousMode.QUORUM) && replica(facts, query, now));
            case READ_ONLY_SYNC ->
                facts.seesCluster(now)
                        && (leads(facts, now) || listed(facts, SynchronousMode.PRIORITY) && replica(facts, query, now));
            case OTHER -> false;
        };
    }

    private static boolean pausedWithoutView(HealthFacts facts, MonotonicTime now) {
        return facts.paused() && !facts.seesCluster(now);
    }

    private static boolean leader(HealthFacts facts, MonotonicTime now) {
        return pausedWithoutView(facts, now)
                ? facts.role().equals("primary") || facts.role().equals("standby_leader")
                : facts.holdsLock(now);
    }

    private static boolean primary(HealthFacts facts, MonotonicTime now) {
        return pausedWithoutView(facts, now)
                ? facts.role().equals("primary")
                : facts.holdsLock(now) && !facts.standbyCluster();
    }

    private static boolean standbyLeader(HealthFacts facts, MonotonicTime now) {
        if (pausedWithoutView(facts, now)) {
            return facts.role().equals("standby_leader");
        }
        return facts.holdsLock(now)
                && facts.standbyCluster()
                && (facts.role().equals("replica") || facts.role().equals("standby_leader"));
    }

    private static boolean leads(HealthFacts facts, MonotonicTime now) {
        return primary(facts, now) || standbyLeader(facts, now);
    }

    private static boolean replica(HealthFacts facts, HealthQuery query, MonotonicTime now) {
        boolean standbyLeader = !pausedWithoutView(facts, now) && facts.holdsLock(now) && facts.standbyCluster();
        return !standbyLeader
                && now.isBefore(facts.staleAt())
                && !facts.tags().noloadbalance()
                && facts.role().equals("replica")
                && facts.state().equals("running")
                && query.replicationState()
                        .filter(s -> !s.equals(facts.replicationState()))
                        .isEmpty()
                && !lags(facts, query);
    }

    private static boolean lags(HealthFacts facts, HealthQuery query) {
        long leader = Math.max(facts.leaderPosition(), facts.leaderEnd());
        // An unknown position of the leader is no proof of lag.
        return query.lagBytes().isPresent()
                && leader != 0
                && leader - facts.replayed() > query.lagBytes().getAsLong();
    }

    private static boolean listed(HealthFacts facts, SynchronousMode mode) {
        return facts.synchronousMode() == mode && facts.listed();
    }

    private static boolean tagsMatch(HealthFacts facts, HealthQuery query) {
        return query.tags().entrySet().stream()
                .allMatch(
                        wanted -> wanted.getValue().equals(facts.tags().values().get(wanted.getKey())));
    }
}
