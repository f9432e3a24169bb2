package io.matriarch.web.api;

import io.matriarch.ha.api.ExplainedDecision;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.RejectedCandidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decisions as JSON: what people need to follow them; the journal on disk holds all that replaying needs. */
final class DecisionDocument {
    private DecisionDocument() {}

    static Map<String, Object> of(Optional<ExplainedDecision> current, List<ExplainedDecision> newest) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("current", current.map(DecisionDocument::decision));
        out.put("decisions", newest.stream().map(DecisionDocument::decision).toList());
        return out;
    }

    private static Map<String, Object> decision(ExplainedDecision decision) {
        DecisionEntry entry = decision.entry();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("at", entry.at().toString());
        out.put("rule", entry.rule());
        out.put("sentence", decision.sentence());
        out.put("prevents", entry.loss());
        out.put("because", entry.because());
        out.put("evidence", evidence(entry));
        out.put("rejected", rejected(entry.rejected()));
        out.put("actions", actions(entry));
        return out;
    }

    static List<Object> rejected(List<RejectedCandidate> rejected) {
        List<Object> out = new ArrayList<>();
        for (RejectedCandidate candidate : rejected) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("who", candidate.what());
            row.put("why", candidate.why());
            out.add(row);
        }
        return out;
    }

    private static List<Object> actions(DecisionEntry entry) {
        List<Object> out = new ArrayList<>();
        for (int i = 0; i < entry.actions().size(); i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("action", entry.actions().get(i));
            // An action without outcome was not tried: the one before it was not done.
            row.put("outcome", i < entry.outcomes().size() ? entry.outcomes().get(i) : "not tried");
            out.add(row);
        }
        return out;
    }

    private static Map<String, Object> evidence(DecisionEntry entry) {
        var node = entry.node();
        var cluster = entry.dcs().lastKnown();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put(
                "dcs",
                switch (entry.dcs()) {
                    case DcsView.Reachable seen ->
                        "read at revision " + seen.cluster().revision();
                    case DcsView.Lost lost -> "not readable: " + lost.reason();
                });
        out.put("leader", cluster.flatMap(c -> c.leaderName()).map(n -> n.value()));
        out.put("postgres", node.postgres().name().toLowerCase(java.util.Locale.ROOT));
        out.put("role", node.role().name().toLowerCase(java.util.Locale.ROOT));
        out.put("timeline", node.wal().map(w -> w.timeline().id()));
        out.put("position", node.wal().map(w -> w.written().toString()));
        out.put("endOfWal", node.endOfWal().map(lsn -> lsn.toString()));
        out.put("leaderPosition", cluster.flatMap(c -> c.status().optime()).map(lsn -> lsn.toString()));
        out.put(
                "leaseSafeForMs",
                node.lease().map(l -> l.safeUntil().since(entry.now()).toMillis()));
        Map<String, Object> peers = new LinkedHashMap<>();
        node.peers()
                .forEach((name, peer) -> peers.put(
                        name.value(),
                        peer.answered()
                                ? peer.role().name().toLowerCase(java.util.Locale.ROOT)
                                        + peer.wal().map(lsn -> " at " + lsn).orElse("")
                                : "silent"));
        out.put("peers", peers);
        return out;
    }
}
