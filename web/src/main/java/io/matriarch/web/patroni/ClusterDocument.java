package io.matriarch.web.patroni;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SynchronousMode;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code GET /cluster}, {@code /history} and {@code /failsafe}: what the DCS says, in Patroni's words and order. */
final class ClusterDocument {
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx").withZone(ZoneOffset.UTC);

    private ClusterDocument() {}

    static String cluster(ClusterView cluster, String scope) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put(
                "members",
                cluster.members().values().stream().map(m -> member(cluster, m)).toList());
        out.put("scope", scope);
        if (cluster.config().pause()) {
            out.put("pause", true);
        }
        cluster.failover()
                .filter(f -> f.scheduledAt().isPresent())
                .ifPresent(f -> out.put(
                        "scheduled_switchover", scheduled(f, f.scheduledAt().get())));
        return Json.spaced(out);
    }

    static String history(ClusterView cluster) {
        return Json.spaced(cluster.history().stream().map(ClusterDocument::row).toList());
    }

    static String failsafe(ClusterView cluster) {
        Map<String, Object> out = new LinkedHashMap<>();
        cluster.failsafe().forEach((name, url) -> out.put(name.value(), url));
        return Json.spaced(out);
    }

    private static Map<String, Object> scheduled(FailoverRequest request, Instant at) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("at", ISO.format(at));
        request.leader().ifPresent(name -> out.put("from", name.value()));
        request.candidate().ifPresent(name -> out.put("to", name.value()));
        return out;
    }

    private static List<Object> row(HistoryEntry entry) {
        List<Object> out = new ArrayList<>();
        out.add(entry.timeline().id());
        out.add(entry.switchLsn().bytes());
        out.add(entry.reason());
        entry.at().ifPresent(out::add);
        if (entry.at().isPresent()) {
            entry.newLeader().ifPresent(name -> out.add(name.value()));
        }
        return out;
    }

    private static Map<String, Object> member(ClusterView cluster, MemberView member) {
        var report = member.report();
        boolean leads = cluster.isLeader(member.name());
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", member.name().value());
        out.put("role", role(cluster, member, leads));
        boolean plainLeader = leads && report.role() != MemberRole.STANDBY_LEADER;
        out.put(
                "state",
                plainLeader || report.replicationState() == ReplicationState.NONE
                        ? report.state().wire()
                        : report.replicationState().wire());
        out.put("api_url", report.apiUrl());
        address(report.connUrl(), out);
        report.timeline().ifPresent(timeline -> out.put("timeline", timeline.id()));
        if (report.pendingRestart()) {
            out.put("pending_restart", true);
        }
        if (!report.tags().values().isEmpty()) {
            out.put("tags", StatusDocument.tags(report.tags().values()));
        }
        if (!leads) {
            long leader = cluster.status().optime().map(Lsn::bytes).orElse(0L);
            position("receive_lag", "receive_lsn", leader, report.receiveLsn(), out);
            position("replay_lag", "replay_lsn", leader, report.replayLsn(), out);
            position("lag", "lsn", leader, report.xlogLocation(), out);
        }
        return out;
    }

    private static String role(ClusterView cluster, MemberView member, boolean leads) {
        if (leads) {
            return member.report().role() == MemberRole.STANDBY_LEADER ? "standby_leader" : "leader";
        }
        boolean listed =
                cluster.sync().filter(s -> s.standbys().contains(member.name())).isPresent();
        return switch (listed ? cluster.config().synchronousMode() : SynchronousMode.OFF) {
            case OFF -> "replica";
            case PRIORITY -> "sync_standby";
            case QUORUM -> "quorum_standby";
        };
    }

    private static void address(String connUrl, Map<String, Object> out) {
        try {
            var url = URI.create(connUrl);
            if (url.getHost() != null) {
                out.put("host", url.getHost().replaceAll("[\\[\\]]", ""));
                out.put("port", url.getPort());
            }
        } catch (IllegalArgumentException e) {
            // A foreign member whose key holds no URL is listed without an address.
        }
    }

    private static void position(String lagKey, String lsnKey, long leader, Optional<Lsn> at, Map<String, Object> out) {
        out.put(
                lagKey,
                at.map(lsn -> (Object) Math.max(0, leader - lsn.bytes())).orElse("unknown"));
        out.put(lsnKey, at.map(lsn -> (Object) lsn.toString()).orElse("unknown"));
    }
}
