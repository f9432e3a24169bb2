package io.matriarch.ha.loop;

import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rows of the {@code history} key: PostgreSQL's own history, with what only the cluster knows. */
final class HistoryRows {
    /** Of a timeline that was claimed and did not become the cluster's; its row ends where the one before it ended. */
    static final String LEFT_OUT = "left out: claimed by a promotion that the cluster did not follow";

    private HistoryRows() {}

    /**
     * One row for each timeline before {@code current}, as Patroni expects.
     *
     * @param known the rows that stand there: they know when, and who led next
     * @param fromPostgres the history file of {@code current}
     * @param self who leads {@code current}
     * @param now for a row that says so for the first time
     */
    static List<HistoryEntry> of(
            List<HistoryEntry> known, List<HistoryEntry> fromPostgres, Timeline current, MemberName self, String now) {
        var rows = new ArrayList<HistoryEntry>();
        for (var entry : fromPostgres) {
            fillUpTo(entry.timeline(), rows);
            rows.add(known.stream()
                    .filter(k -> k.timeline().equals(entry.timeline())
                            && k.switchLsn().equals(entry.switchLsn())
                            && k.newLeader().isPresent())
                    .findFirst()
                    .orElse(entry));
        }
        fillUpTo(current, rows);
        if (!rows.isEmpty()) {
            var last = rows.getLast();
            if (last.newLeader().filter(self::equals).isEmpty()) {
                rows.set(
                        rows.size() - 1,
                        new HistoryEntry(
                                last.timeline(), last.switchLsn(), last.reason(), Optional.of(now), Optional.of(self)));
            }
        }
        return rows;
    }

    private static void fillUpTo(Timeline next, List<HistoryEntry> rows) {
        if (rows.isEmpty()) {
            return;
        }
        Lsn end = rows.getLast().switchLsn();
        for (int id = rows.getLast().timeline().id() + 1; id < next.id(); id++) {
            rows.add(new HistoryEntry(new Timeline(id), end, LEFT_OUT, Optional.empty(), Optional.empty()));
        }
    }
}
