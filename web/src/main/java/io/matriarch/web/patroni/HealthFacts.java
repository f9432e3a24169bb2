package io.matriarch.web.patroni;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.WalPosition;
import java.time.Duration;
import java.util.Optional;

/**
 * What the health table needs of a status, computed once per status.
 *
 * @param state Patroni's word, {@code unknown} when PostgreSQL should run but does not answer
 * @param role Patroni's word: by SQL when PostgreSQL answers, else the agent's belief
 * @param replicationState Patroni's word, or empty
 * @param lockUntil until when this member may believe that it holds the leader key; empty: it does not hold it
 * @param viewUntil until when the last view of the cluster counts; empty: there is none
 * @param leaderPosition the leader's position by its status key; 0 = unknown
 * @param leaderEnd the leader's position as our WAL receiver knows it; 0 = unknown
 * @param listed this member is listed in the sync key
 * @param staleAt from then on the status says nothing of PostgreSQL any more: the loop has stopped publishing
 */
record HealthFacts(
        String state,
        String role,
        String replicationState,
        Optional<MonotonicTime> lockUntil,
        boolean paused,
        boolean standbyCluster,
        Tags tags,
        Optional<MonotonicTime> viewUntil,
        long leaderPosition,
        long leaderEnd,
        long replayed,
        long received,
        SynchronousMode synchronousMode,
        boolean listed,
        boolean failsafeActive,
        long maximumLagOnFailover,
        MonotonicTime nextCycleBy,
        Duration ttl,
        MonotonicTime staleAt) {

    private static final Duration UNKNOWN_TTL = Duration.ofSeconds(30);

    static HealthFacts of(NodeStatus status) {
        Optional<ClusterView> cluster = status.dcs().lastKnown();
        Duration ttl = cluster.map(c -> c.config().ttl()).orElse(UNKNOWN_TTL);
        Optional<WalPosition> wal = status.node().wal();
        long received = wal.flatMap(WalPosition::received).map(Lsn::bytes).orElse(0L);
        return new HealthFacts(
                state(status),
                role(status),
                queryable(status) ? wal.map(w -> w.replicationState().wire()).orElse("") : "",
                status.holdsLock() ? status.leaseSafeUntil() : Optional.empty(),
                cluster.filter(c -> c.config().pause()).isPresent(),
                cluster.flatMap(ClusterView::configText)
                        .filter(HealthFacts::declaresStandbyCluster)
                        .isPresent(),
                status.node().tags(),
                cluster.map(c -> c.readAt().plus(ttl)),
                cluster.flatMap(c -> c.status().optime()).map(Lsn::bytes).orElse(0L),
                wal.flatMap(WalPosition::leaderEnd).map(Lsn::bytes).orElse(0L),
                wal.flatMap(WalPosition::replayed).map(Lsn::bytes).orElse(0L),
                received,
                cluster.map(c -> c.config().synchronousMode()).orElse(SynchronousMode.OFF),
                cluster.flatMap(ClusterView::sync)
                        .filter(s -> s.standbys().stream()
                                .anyMatch(n ->
                                        n.value().equalsIgnoreCase(status.self().value())))
                        .isPresent(),
                status.failsafeActive(),
                cluster.map(c -> c.config().maximumLagOnFailoverBytes()).orElse(0L),
                status.nextCycleBy(),
                ttl,
                status.publishedAt().plus(ttl));
    }

    boolean seesCluster(MonotonicTime now) {
        return viewUntil.filter(now::isBefore).isPresent();
    }

    boolean holdsLock(MonotonicTime now) {
        return lockUntil.filter(now::isBefore).isPresent();
    }

    boolean isRunningPrimary() {
        return state.equals("running") && role.equals("primary");
    }

    /** Whether the status may speak of what PostgreSQL itself answered. */
    static boolean queryable(NodeStatus status) {
        return status.node().isRunning() && status.node().wal().isPresent();
    }

    static String state(NodeStatus status) {
        boolean silent = status.node().postgres() == PostgresState.HUNG
                || status.node().postgres() == PostgresState.UNKNOWN
                || status.node().isRunning() && !queryable(status);
        return silent ? "unknown" : status.memberState().wire();
    }

    static String role(NodeStatus status) {
        if (!queryable(status)) {
            return status.memberRole().wire();
        }
        if (status.node().role() == PostgresRole.PRIMARY) {
            return MemberRole.PRIMARY.wire();
        }
        return standbyRole(status);
    }

    /** SQL cannot tell the leader of a standby cluster from a replica; the agent can. */
    static String standbyRole(NodeStatus status) {
        return status.memberRole() == MemberRole.STANDBY_LEADER
                ? MemberRole.STANDBY_LEADER.wire()
                : MemberRole.REPLICA.wire();
    }

    private static boolean declaresStandbyCluster(String config) {
        return Json.tryParseObject(config)
                .flatMap(c -> c.object("standby_cluster"))
                .isPresent();
    }
}
