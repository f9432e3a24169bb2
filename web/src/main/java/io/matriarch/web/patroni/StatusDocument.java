package io.matriarch.web.patroni;

import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.api.PostgresNow;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.model.WalSenderFacts;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code GET /patroni}: what a member says of itself, in Patroni's words and order. Peers judge candidates by it. */
final class StatusDocument {
    private static final DateTimeFormatter POSTGRES_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSxxx").withZone(ZoneOffset.UTC);
    private static final Pattern SMALL_NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,8})");

    private static final PostgresNow SILENT =
            new PostgresNow(PostgresRole.UNKNOWN, Optional.empty(), List.of(), 0, Optional.empty(), Optional.empty());

    private StatusDocument() {}

    /** Before the first cycle there is nothing to say but that. */
    static String booting() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("state", "starting");
        out.put("role", "uninitialized");
        out.put("cluster_unlocked", true);
        return Json.spaced(out);
    }

    /** Renders a status with what PostgreSQL said in the same cycle. */
    static String render(NodeStatus status) {
        return render(status, PostgresNow.of(status), HealthFacts.state(status));
    }

    /** Renders a status with what PostgreSQL says now; if it is silent, nothing that it said before is said again. */
    static String render(NodeStatus status, PostgresNow postgres) {
        boolean runs = status.memberState() == MemberState.RUNNING;
        String silent = runs ? "unknown" : HealthFacts.state(status);
        return render(status, postgres, postgres.answered() ? MemberState.RUNNING.wire() : silent);
    }

    /** Renders a status that nobody has renewed for a ttl: peers take such a member for one that cannot be asked. */
    static String renderStale(NodeStatus status) {
        return render(status, SILENT, "unknown");
    }

    private static String render(NodeStatus status, PostgresNow postgres, String state) {
        Map<String, Object> out = new LinkedHashMap<>();
        Optional<ClusterView> cluster = status.dcs().lastKnown();
        out.put("state", state);
        if (postgres.answered()) {
            queried(status, postgres, cluster, out);
        } else {
            out.put("role", status.memberRole().wire());
        }
        if (cluster.filter(c -> c.config().pause()).isPresent()) {
            out.put("pause", true);
        }
        if (!(status.dcs() instanceof DcsView.Reachable seen)
                || seen.cluster().leader().isEmpty()) {
            out.put("cluster_unlocked", true);
        }
        if (status.failsafeActive()) {
            out.put("failsafe_mode_is_active", true);
        }
        status.dcsLastSeen().ifPresent(at -> out.put("dcs_last_seen", at.getEpochSecond()));
        if (!status.node().tags().values().isEmpty()) {
            out.put("tags", tags(status.node().tags().values()));
        }
        status.node()
                .control()
                .ifPresent(c -> out.put(
                        "database_system_identifier", c.systemIdentifier().toString()));
        if (!status.pendingRestart().isEmpty()) {
            out.put("pending_restart", true);
            out.put("pending_restart_reason", reasons(status.pendingRestart()));
        }
        Map<String, Object> patroni = new LinkedHashMap<>();
        patroni.put("version", HaCommands.WIRE_VERSION);
        patroni.put("scope", status.scope().name());
        patroni.put("name", status.self().value());
        out.put("patroni", patroni);
        out.put("agent", "matriarch/" + status.version());
        out.put("instance", HaCommands.INSTANCE);
        status.node().storage().walFreeBytes().ifPresent(free -> out.put("wal_free_bytes", free));
        status.jobText().ifPresent(text -> out.put("job", text));
        return Json.spaced(out);
    }

    private static void queried(
            NodeStatus status, PostgresNow postgres, Optional<ClusterView> cluster, Map<String, Object> out) {
        var wal = postgres.wal().orElseThrow();
        boolean primary = postgres.role() == PostgresRole.PRIMARY;
        postgres.startedAt().ifPresent(at -> out.put("postmaster_start_time", time(at)));
        out.put("role", primary ? "primary" : HealthFacts.standbyRole(status));
        out.put("server_version", postgres.serverVersion());
        out.put("xlog", primary ? Map.of("location", wal.written().bytes()) : standbyPosition(postgres, wal));
        if (!primary) {
            cluster.ifPresent(c -> syncRole(status, c, out));
        }
        out.put("timeline", wal.timeline().id());
        if (wal.replicationState() != ReplicationState.NONE) {
            out.put("replication_state", wal.replicationState().wire());
        }
        if (!postgres.senders().isEmpty()) {
            out.put(
                    "replication",
                    postgres.senders().stream().map(StatusDocument::sender).toList());
        }
    }

    private static Map<String, Object> standbyPosition(PostgresNow postgres, WalPosition wal) {
        Map<String, Object> out = new LinkedHashMap<>();
        long replayed = wal.replayed().map(Lsn::bytes).orElse(0L);
        out.put("received_location", wal.received().map(Lsn::bytes).orElse(replayed));
        out.put("replayed_location", replayed);
        out.put("replayed_timestamp", postgres.replayedAt().map(StatusDocument::time));
        out.put("paused", wal.replayPaused());
        return out;
    }

    private static void syncRole(NodeStatus status, ClusterView cluster, Map<String, Object> out) {
        SynchronousMode mode = cluster.config().synchronousMode();
        boolean listed =
                cluster.sync().filter(s -> s.standbys().contains(status.self())).isPresent();
        if (listed && mode != SynchronousMode.OFF) {
            out.put(mode == SynchronousMode.QUORUM ? "quorum_standby" : "sync_standby", true);
        }
    }

    private static Map<String, Object> sender(WalSenderFacts sender) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("usename", sender.userName());
        out.put("application_name", sender.applicationName());
        out.put("client_addr", sender.clientAddress());
        out.put("state", sender.state());
        out.put("sync_state", sender.syncState());
        out.put("sync_priority", sender.syncPriority());
        return out;
    }

    /** Tags come from YAML, where {@code true} and {@code 1} are no texts. */
    static Map<String, Object> tags(Map<String, String> tags) {
        Map<String, Object> out = new LinkedHashMap<>();
        tags.forEach((key, value) -> out.put(key, tag(value)));
        return out;
    }

    private static Object tag(String value) {
        if (List.of("true", "false").contains(value)) {
            return Boolean.valueOf(value);
        }
        return SMALL_NUMBER.matcher(value).matches() ? (Object) Long.valueOf(value) : value;
    }

    private static Map<String, Object> reasons(Map<String, String> pending) {
        Map<String, Object> out = new LinkedHashMap<>();
        pending.forEach((name, change) -> {
            String[] values = change.split(" -> ", 2);
            Map<String, Object> reason = new LinkedHashMap<>();
            reason.put("old_value", values[0]);
            reason.put("new_value", values.length == 2 ? values[1] : "");
            out.put(name, reason);
        });
        return out;
    }

    private static String time(Instant at) {
        return POSTGRES_TIME.format(at);
    }
}
