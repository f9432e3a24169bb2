package io.matriarch.ha.decide;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.util.ArrayList;
import java.util.List;

/** How a member's data goes back behind a leader, judged from both timeline histories. */
public sealed interface RejoinPlan {
    /** The local WAL is a prefix of the leader's history: just follow. */
    record Follow(String because) implements RejoinPlan {}

    /**
     * The local WAL left the leader's history at {@code from}, on {@code timeline}.
     *
     * @param rewindable false when both histories have the same numbers: pg_rewind, which compares numbers, would see nothing to do
     */
    record Diverged(Timeline timeline, Lsn from, boolean rewindable, String because) implements RejoinPlan {}

    /** Nothing may be concluded. */
    record Refuse(String because) implements RejoinPlan {}

    /**
     * Judges.
     *
     * @param wasPrimary the local data was last written as a primary: then an equal timeline is another promotion's, not ours
     * @param begunByAnother the cluster's history says that another member began our timeline
     */
    static RejoinPlan of(RejoinEvidence e, boolean wasPrimary, boolean begunByAnother) {
        if (!e.leaderIsPrimary()) {
            return new Refuse(e.leader() + " is still in recovery, its history is not final");
        }
        var fork = fork(e);
        if (fork.length() == e.localHistory().size() + 1
                && fork.length() == e.leaderHistory().size() + 1) {
            // Two promotions onto one timeline number can even begin at the same position; only a primary can have
            // written such a tail.
            return wasPrimary
                    ? new Diverged(e.localTimeline(), fork.end(), false, "both wrote timeline " + e.localTimeline())
                    : new Follow("same timeline " + e.localTimeline());
        }
        if (wasPrimary && begunByAnother && fork.timeline().equals(e.localTimeline())) {
            // A primary that fell before anybody had its new timeline; its successor took the same number, and later
            // went on.
            var begin = e.localHistory().isEmpty()
                    ? Lsn.ZERO
                    : e.localHistory().get(e.localHistory().size() - 1).switchPoint();
            return new Diverged(
                    e.localTimeline(),
                    begin,
                    false,
                    "we wrote timeline " + e.localTimeline()
                            + ", and the one of the cluster was begun by another member");
        }
        if (e.localEnd().isAfter(fork.end())) {
            return new Diverged(
                    fork.timeline(),
                    fork.end(),
                    // pg_rewind goes by the number of the timeline: onto the same one it finds nothing to do, and says
                    // that it is done.
                    !e.localTimeline().equals(e.leaderTimeline()),
                    "local WAL ends at " + e.localEnd() + ", the leader left timeline " + fork.timeline() + " at "
                            + fork.end());
        }
        return new Follow("local WAL ends at " + e.localEnd() + ", the common history at " + fork.end());
    }

    /**
     * Where two histories part.
     *
     * @param length how many timelines are common
     * @param timeline the last common one
     * @param end how far it is common; on two identical histories, where the present timeline begins
     */
    record Fork(int length, Timeline timeline, Lsn end) {}

    private static Fork fork(RejoinEvidence e) {
        var local = line(e.localHistory(), e.localTimeline());
        var leader = line(e.leaderHistory(), e.leaderTimeline());
        int common = 0;
        var begin = Lsn.ZERO;
        while (common < local.size() && common < leader.size()) {
            var a = local.get(common);
            var b = leader.get(common);
            boolean bothEnd = a.switchPoint().equals(OPEN) && b.switchPoint().equals(OPEN);
            if (!a.timeline().equals(b.timeline())) {
                return new Fork(
                        common,
                        common == 0 ? a.timeline() : local.get(common - 1).timeline(),
                        begin);
            }
            common++;
            if (bothEnd) {
                return new Fork(common, a.timeline(), begin);
            }
            if (!a.switchPoint().equals(b.switchPoint())) {
                var first = a.switchPoint().isAfter(b.switchPoint()) ? b.switchPoint() : a.switchPoint();
                return new Fork(common, a.timeline(), first);
            }
            begin = a.switchPoint();
        }
        throw new IllegalStateException("a timeline line without an open end: " + e);
    }

    /** Stands for "not left yet". */
    Lsn OPEN = new Lsn(-1L);

    private static List<TimelineSwitch> line(List<TimelineSwitch> history, Timeline last) {
        var line = new ArrayList<>(history);
        line.add(new TimelineSwitch(last, OPEN, ""));
        return line;
    }
}
