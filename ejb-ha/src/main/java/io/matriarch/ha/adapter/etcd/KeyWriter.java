package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The values of Patroni's keys: same fields, same order, same separators, so that an unchanged state is an unchanged text. */
final class KeyWriter {
    private static final Pattern SMALL_NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,8}");
    /** As Python's {@code isoformat()} and never {@code Z}, which older Pythons do not read. */
    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx");

    private KeyWriter() {}

    static String member(MemberReport report) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("conn_url", report.connUrl());
        out.put("api_url", report.apiUrl());
        out.put("state", report.state().wire());
        out.put("role", report.role().wire());
        out.put("version", report.version());
        report.proxyUrl().ifPresent(url -> out.put("proxy_url", url));
        if (report.checkpointAfterPromote()) {
            // Patroni's inverted flag: "has the checkpoint been done" is published only while the answer is no.
            out.put("checkpoint_after_promote", false);
        }
        if (!report.tags().values().isEmpty()) {
            out.put("tags", tags(report.tags()));
        }
        if (report.pendingRestart()) {
            out.put("pending_restart", true);
        }
        report.xlogLocation().ifPresent(lsn -> out.put("xlog_location", lsn.bytes()));
        report.replayLsn().ifPresent(lsn -> out.put("replay_lsn", lsn.bytes()));
        report.receiveLsn().ifPresent(lsn -> out.put("receive_lsn", lsn.bytes()));
        if (report.replicationState() != ReplicationState.NONE) {
            out.put("replication_state", report.replicationState().wire());
        }
        report.timeline().ifPresent(timeline -> out.put("timeline", timeline.id()));
        if (report.pause()) {
            out.put("pause", true);
        }
        report.agent().ifPresent(agent -> out.put("agent", agent));
        report.walFreeBytes().ifPresent(bytes -> out.put("wal_free_bytes", bytes));
        return Json.compact(out);
    }

    /** Tags come from YAML, where {@code true} and {@code 1} are not texts; peers compare them by kind. */
    private static Map<String, Object> tags(Tags tags) {
        Map<String, Object> out = new LinkedHashMap<>();
        tags.values().forEach((key, value) -> out.put(key, tag(value)));
        return out;
    }

    private static Object tag(String value) {
        if (value.equals("true") || value.equals("false")) {
            return Boolean.valueOf(value);
        }
        return SMALL_NUMBER.matcher(value).matches() ? (Object) Long.valueOf(value) : value;
    }

    static String status(ClusterStatus status) {
        Map<String, Object> out = new LinkedHashMap<>();
        status.optime().ifPresent(lsn -> out.put("optime", lsn.bytes()));
        if (!status.slots().isEmpty()) {
            Map<String, Object> slots = new LinkedHashMap<>();
            status.slots().forEach((slot, lsn) -> slots.put(slot, lsn.bytes()));
            out.put("slots", slots);
        }
        if (!status.retainSlots().isEmpty()) {
            out.put("retain_slots", status.retainSlots());
        }
        return Json.compact(out);
    }

    static String failover(Optional<FailoverRequest> request) {
        Map<String, Object> out = new LinkedHashMap<>();
        request.flatMap(FailoverRequest::leader).ifPresent(name -> out.put("leader", name.value()));
        request.flatMap(FailoverRequest::candidate).ifPresent(name -> out.put("member", name.value()));
        request.flatMap(FailoverRequest::scheduledAt).ifPresent(at -> out.put("scheduled_at", iso(at)));
        if (request.filter(FailoverRequest::settled).isPresent()) {
            out.put("settled", true);
        }
        return Json.compact(out);
    }

    private static String iso(Instant at) {
        return ISO.format(at.atOffset(ZoneOffset.UTC));
    }

    static String sync(SyncState sync) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("leader", sync.leader().map(MemberName::value));
        out.put("quorum", sync.quorum());
        String standbys = sync.standbys().stream().map(MemberName::value).collect(Collectors.joining(","));
        out.put("sync_standby", standbys.isEmpty() ? Json.NULL : standbys);
        return Json.compact(out);
    }

    static String history(List<HistoryEntry> history) {
        List<Object> rows = new ArrayList<>();
        for (HistoryEntry entry : history) {
            List<Object> row = new ArrayList<>(
                    List.of(entry.timeline().id(), entry.switchLsn().bytes(), entry.reason()));
            // A leader without a time would move into the column of the time.
            if (entry.at().isPresent()) {
                row.add(entry.at().get());
                entry.newLeader().ifPresent(name -> row.add(name.value()));
            }
            rows.add(row);
        }
        return Json.compact(rows);
    }

    static String timelineClaim(Timeline timeline, MemberName by) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("timeline", timeline.id());
        out.put("member", by.value());
        return Json.compact(out);
    }

    static String failsafe(Map<MemberName, String> members) {
        Map<String, Object> out = new LinkedHashMap<>();
        members.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> out.put(e.getKey().value(), e.getValue()));
        return Json.compact(out);
    }
}
