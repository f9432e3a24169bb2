package io.matriarch.web.patroni;

import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.WalPosition;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** {@code GET /metrics} in Prometheus' text format: Patroni's names, and ours beginning with {@code matriarch_}. */
final class Metrics {
    private static final int NANO_DIGITS = 9;

    private final StringBuilder out = new StringBuilder(8192);
    private final String labels;

    private Metrics(NodeStatus status) {
        this.labels = "{scope=\"" + escaped(status.scope().name()) + "\",name=\""
                + escaped(status.self().value()) + "\"}";
    }

    static String render(NodeStatus status, int fenceProofs, MonotonicTime now) {
        var metrics = new Metrics(status);
        metrics.patroniPostgres(status);
        metrics.patroniCluster(status);
        metrics.ours(status, fenceProofs, now);
        return metrics.out.toString();
    }

    private void patroniPostgres(NodeStatus status) {
        boolean queryable = HealthFacts.queryable(status);
        var wal = status.node().wal().filter(w -> queryable);
        String role = queryable ? HealthFacts.role(status) : "";
        gauge("patroni_version", "Patroni semver without periods.", paddedVersion());
        flag("patroni_postgres_running", "Value is 1 if Postgres is running, 0 otherwise.", queryable);
        gauge(
                "patroni_postmaster_start_time",
                "Epoch seconds since Postgres started.",
                status.postgresStartedAt()
                        .filter(t -> queryable)
                        .map(Metrics::epoch)
                        .orElse("0"));
        flag("patroni_primary", "Value is 1 if this node is the leader, 0 otherwise.", role.equals("primary"));
        counter(
                "patroni_xlog_location",
                "Current location of the Postgres transaction log, 0 if this node is not the leader.",
                role.equals("primary") ? wal.map(w -> w.written().bytes()).orElse(0L) : 0L);
        flag(
                "patroni_standby_leader",
                "Value is 1 if this node is the standby_leader, 0 otherwise.",
                role.equals("standby_leader"));
        flag("patroni_replica", "Value is 1 if this node is a replica, 0 otherwise.", role.equals("replica"));
        flag(
                "patroni_sync_standby",
                "Value is 1 if this node is a sync standby, 0 otherwise.",
                role.equals("replica") && listed(status, SynchronousMode.PRIORITY));
        flag(
                "patroni_quorum_standby",
                "Value is 1 if this node is a quorum standby, 0 otherwise.",
                role.equals("replica") && listed(status, SynchronousMode.QUORUM));
        counter(
                "patroni_xlog_received_location",
                "Current location of the received Postgres transaction log, 0 if this node is not a replica.",
                wal.flatMap(WalPosition::received).map(Lsn::bytes).orElse(0L));
        counter(
                "patroni_xlog_replayed_location",
                "Current location of the replayed Postgres transaction log, 0 if this node is not a replica.",
                wal.flatMap(WalPosition::replayed).map(Lsn::bytes).orElse(0L));
        gauge(
                "patroni_xlog_replayed_timestamp",
                "Current timestamp of the replayed Postgres transaction log, 0 if null.",
                status.replayedAt().filter(t -> queryable).map(Metrics::epoch).orElse("0"));
        flag(
                "patroni_xlog_paused",
                "Value is 1 if the Postgres xlog is paused, 0 otherwise.",
                wal.filter(WalPosition::replayPaused).isPresent());
        flag(
                "patroni_postgres_streaming",
                "Value is 1 if Postgres is streaming, 0 otherwise.",
                replicates(wal, ReplicationState.STREAMING));
        flag(
                "patroni_postgres_in_archive_recovery",
                "Value is 1 if Postgres is replicating from archive, 0 otherwise.",
                replicates(wal, ReplicationState.IN_ARCHIVE_RECOVERY));
        gauge(
                "patroni_postgres_server_version",
                "Version of Postgres (if running), 0 otherwise.",
                queryable ? Integer.toString(status.serverVersion()) : "0");
    }

    private void patroniCluster(NodeStatus status) {
        var cluster = status.dcs().lastKnown();
        var config = cluster.map(ClusterView::config).orElse(ClusterConfig.DEFAULTS);
        boolean unlocked = !(status.dcs() instanceof DcsView.Reachable seen)
                || seen.cluster().leader().isEmpty();
        flag("patroni_cluster_unlocked", "Value is 1 if the cluster is unlocked, 0 if locked.", unlocked);
        flag(
                "patroni_failsafe_mode_is_active",
                "Value is 1 if failsafe mode is active, 0 if inactive.",
                status.failsafeActive());
        flag(
                "patroni_failsafe_mode_enabled",
                "Value is 1 if failsafe mode is enabled, 0 if disabled.",
                cluster.isPresent() && config.failsafeMode());
        flag(
                "patroni_failsafe_member",
                "Value is 1 if this node is a failsafe member, 0 otherwise.",
                cluster.filter(c -> c.failsafe().containsKey(status.self())).isPresent());
        gauge(
                "patroni_postgres_timeline",
                "Postgres timeline of this node (if running), 0 otherwise.",
                status.node()
                        .wal()
                        .filter(w -> HealthFacts.queryable(status))
                        .map(w -> Integer.toString(w.timeline().id()))
                        .orElse("0"));
        gauge(
                "patroni_dcs_last_seen",
                "Epoch timestamp when DCS was last contacted successfully by Patroni.",
                status.dcsLastSeen()
                        .map(at -> Long.toString(at.getEpochSecond()))
                        .orElse("0"));
        flag(
                "patroni_pending_restart",
                "Value is 1 if the node needs a restart, 0 otherwise.",
                !status.pendingRestart().isEmpty());
        flag(
                "patroni_is_paused",
                "Value is 1 if auto failover is disabled, 0 otherwise.",
                cluster.isPresent() && config.pause());
        gauge(
                "patroni_postgres_state",
                "Numeric representation of Postgres state.",
                HealthFacts.state(status).equals("unknown")
                        ? "-1"
                        : Integer.toString(status.memberState().metric()));
        gauge(
                "patroni_failover_priority",
                "Failover priority of this node, 0 if it must not be promoted.",
                Integer.toString(status.node().tags().failoverPriority()));
    }

    private void ours(NodeStatus status, int fenceProofs, MonotonicTime now) {
        var cluster = status.dcs().lastKnown();
        long leader = cluster.flatMap(c -> c.status().optime()).map(Lsn::bytes).orElse(0L);
        var wal = status.node().wal();
        gauge(
                "matriarch_leader_lease_remaining_seconds",
                "How long this member may still lead without renewing its lease, 0 if it does not lead.",
                status.leaseSafeUntil()
                        .filter(until -> status.holdsLock())
                        .map(until -> until.since(now))
                        .filter(left -> !left.isNegative())
                        .map(Metrics::seconds)
                        .orElse("0"));
        head(
                "matriarch_replica_lag_bytes",
                "gauge",
                "How far this replica is behind the leader's last published position.");
        wal.flatMap(WalPosition::received).ifPresent(at -> staged("received", Math.max(0, leader - at.bytes())));
        wal.flatMap(WalPosition::replayed).ifPresent(at -> staged("replayed", Math.max(0, leader - at.bytes())));
        var readiness = status.readiness();
        long others = cluster.map(c -> c.members().size() - 1L).orElse(0L);
        gauge(
                "matriarch_ready_successors",
                "Members that could take over now.",
                Long.toString(
                        readiness.successor().isPresent()
                                ? Math.max(1, others - readiness.rejected().size())
                                : 0));
        flag(
                "matriarch_failover_ready",
                "Value is 1 if somebody could take over now, 0 otherwise.",
                readiness.successor().isPresent());
        gauge(
                "matriarch_failover_within_seconds",
                "Worst time until writes are accepted again if the primary's host died now, 0 if nobody could take over.",
                seconds(readiness.within()));
        gauge(
                "matriarch_failover_loss_bytes",
                "Most acknowledged WAL that would be lost if the primary's host died now, -1 if unknown.",
                readiness.lossBytes().map(String::valueOf).orElse("-1"));
        counter(
                "matriarch_fence_proofs_total",
                "Proven fencings that this agent has seen since it started.",
                fenceProofs);
        gauge("matriarch_cycle_duration_seconds", "How long the last cycle took.", seconds(status.cycleTook()));
        gauge(
                "matriarch_status_age_seconds",
                "How long ago the last cycle ended.",
                seconds(now.since(status.publishedAt())));
    }

    private void staged(String stage, long bytes) {
        out.append("matriarch_replica_lag_bytes")
                .append(labels, 0, labels.length() - 1)
                .append(",stage=\"")
                .append(stage)
                .append("\"} ")
                .append(bytes)
                .append('\n');
    }

    private static boolean listed(NodeStatus status, SynchronousMode mode) {
        return status.dcs()
                .lastKnown()
                .filter(c -> c.config().synchronousMode() == mode)
                .flatMap(ClusterView::sync)
                .filter(s -> s.standbys().contains(status.self()))
                .isPresent();
    }

    private static boolean replicates(Optional<WalPosition> wal, ReplicationState state) {
        return wal.filter(w -> w.replicationState() == state).isPresent();
    }

    private void flag(String name, String help, boolean value) {
        gauge(name, help, value ? "1" : "0");
    }

    private void counter(String name, String help, long value) {
        head(name, "counter", help);
        sample(name, Long.toString(value));
    }

    private void gauge(String name, String help, String value) {
        head(name, "gauge", help);
        sample(name, value);
    }

    private void head(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String value) {
        out.append(name).append(labels).append(' ').append(value).append('\n');
    }

    /** Each dotted part with two digits: 4.1.4 becomes 040104. */
    private static String paddedVersion() {
        var digits = new StringBuilder();
        for (String part : HaCommands.WIRE_VERSION.split("\\.")) {
            digits.append(String.format(Locale.ROOT, "%02d", Integer.parseInt(part)));
        }
        return digits.toString();
    }

    private static String epoch(Instant at) {
        return BigDecimal.valueOf(at.getEpochSecond())
                .add(BigDecimal.valueOf(at.getNano(), NANO_DIGITS))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.6f", duration.toNanos() / 1e9);
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
