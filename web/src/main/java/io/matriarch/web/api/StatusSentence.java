package io.matriarch.web.api;

import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The one sentence: are writes accepted, by whom, since when, and what a person must do.
 *
 * @param writes whether commits are accepted now, as far as this member can tell
 * @param since wall-clock time since when, if that is known
 * @param todo what a person must do
 */
record StatusSentence(Writes writes, Optional<String> leader, Optional<String> since, String finding, String todo) {
    static final String NOTHING = "Nothing needs to be done.";

    enum Writes {
        OK,
        REFUSED,
        UNKNOWN
    }

    Map<String, Object> document() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("writes", writes.name().toLowerCase(java.util.Locale.ROOT));
        out.put("leader", leader);
        out.put("since", since);
        out.put("sentence", finding + " " + todo);
        out.put("todo", todo);
        return out;
    }

    static StatusSentence of(NodeStatus status, MonotonicTime now) {
        long age = now.since(status.publishedAt()).toSeconds();
        var cluster = status.dcs().lastKnown();
        long ttl = cluster.map(c -> c.config().ttl().toSeconds()).orElse(30L);
        if (age > ttl) {
            return unknown(
                    Optional.empty(),
                    "This agent has not looked at the cluster for " + age + " s.",
                    "Look at the agent's log on " + status.self() + "; restart it if it is stuck.");
        }
        return switch (status.dcs()) {
            case DcsView.Reachable seen -> judged(seen.cluster(), status);
            case DcsView.Lost lost -> withoutDcs(lost, status);
        };
    }

    private static StatusSentence withoutDcs(DcsView.Lost lost, NodeStatus status) {
        var last = lost.lastKnown().flatMap(ClusterView::leaderName).map(n -> n.value());
        String repair = "Repair etcd: " + lost.reason() + ".";
        if (status.failsafeActive() && status.holdsLock()) {
            return new StatusSentence(
                    Writes.OK,
                    Optional.of(status.self().value()),
                    Optional.empty(),
                    "Writes are accepted by " + status.self()
                            + ", although etcd cannot be read, because every member confirms it.",
                    repair);
        }
        return unknown(
                last,
                "etcd cannot be read from " + status.self() + ", so that it is not known whether writes are accepted.",
                repair);
    }

    private static StatusSentence unknown(Optional<String> leader, String finding, String todo) {
        return new StatusSentence(Writes.UNKNOWN, leader, Optional.empty(), finding, todo);
    }

    private static StatusSentence judged(ClusterView cluster, NodeStatus status) {
        var leader = cluster.leaderName().map(n -> n.value());
        if (leader.isEmpty()
                && cluster.initialize().flatMap(i -> i.systemIdentifier()).isEmpty()) {
            return new StatusSentence(
                    Writes.REFUSED,
                    leader,
                    Optional.empty(),
                    "There is no database yet: the cluster is being created.",
                    "Wait.");
        }
        if (leader.isEmpty()) {
            return new StatusSentence(
                    Writes.REFUSED,
                    leader,
                    Optional.empty(),
                    "Writes are refused: nobody holds the leader key.",
                    cluster.config().pause()
                            ? "The cluster is paused: resume it, or name a new leader by a failover."
                            : leaderless(status));
        }
        var report = cluster.leaderMember().map(MemberView::report);
        boolean accepts = report.filter(r -> r.state() == MemberState.RUNNING && r.role() == MemberRole.PRIMARY)
                .isPresent();
        if (!accepts) {
            String state =
                    report.map(r -> r.state().wire() + " as " + r.role().wire()).orElse("unknown: its key is missing");
            return new StatusSentence(
                    Writes.REFUSED,
                    leader,
                    Optional.empty(),
                    "Writes are refused for the moment: " + leader.get() + " leads, its PostgreSQL is " + state + ".",
                    "Wait; if it lasts longer than "
                            + cluster.config().primaryStartTimeout().toSeconds() + " s, look at PostgreSQL's log on "
                            + leader.get() + ".");
        }
        var since = since(cluster, status, leader.get());
        return new StatusSentence(
                Writes.OK,
                leader,
                since,
                "Writes are accepted by " + leader.get()
                        + since.map(s -> " since " + s).orElse("") + ".",
                cluster.config().pause()
                        ? "The cluster is paused: nobody takes over by itself until it is resumed."
                        : readiness(status));
    }

    private static String leaderless(NodeStatus status) {
        String why = status.lastDecision()
                .map(d -> " " + status.self() + ": " + d.because() + ".")
                .orElse("");
        return "A replica takes over by itself as soon as one may." + why;
    }

    private static String readiness(NodeStatus status) {
        var readiness = status.readiness();
        return readiness.successor().isPresent()
                ? NOTHING
                : "Add or repair a replica: nobody could take over if the primary failed (" + readiness.because()
                        + ").";
    }

    /** The newest row of the history says when its leader began; a cluster that never failed over has run since its primary started. */
    private static Optional<String> since(ClusterView cluster, NodeStatus status, String leader) {
        var rows = cluster.history();
        Optional<HistoryEntry> last = rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(rows.size() - 1));
        Optional<String> byHistory = last.filter(
                        e -> e.newLeader().filter(n -> n.value().equals(leader)).isPresent())
                .flatMap(HistoryEntry::at);
        Optional<String> byStart = leader.equals(status.self().value())
                ? status.postgresStartedAt().map(Instant::toString)
                : Optional.empty();
        return byHistory.or(() -> byStart);
    }
}
