package io.matriarch.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Timeline;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryRowsTest {
    private static final MemberName PG1 = new MemberName("pg1");
    private static final MemberName PG2 = new MemberName("pg2");

    @Test
    void theNewestRowNamesItsLeader() {
        assertThat(HistoryRows.of(List.of(), List.of(row(1, 100)), new Timeline(2), PG2, "now"))
                .containsExactly(row(1, 100, "promoted", "now", PG2));
    }

    @Test
    void whatTheClusterKnowsIsKept() {
        var known = List.of(row(1, 100, "promoted", "then", PG1));

        assertThat(HistoryRows.of(known, List.of(row(1, 100), row(2, 200)), new Timeline(3), PG2, "now"))
                .containsExactly(known.get(0), row(2, 200, "promoted", "now", PG2));
    }

    @Test
    void aRowThatEndsElsewhereIsNotOurs() {
        var known = List.of(row(1, 90, "promoted", "then", PG1));

        assertThat(HistoryRows.of(known, List.of(row(1, 100)), new Timeline(2), PG2, "now"))
                .containsExactly(row(1, 100, "promoted", "now", PG2));
    }

    @Test
    void timelinesThatWereLeftOutHaveRowsToo() {
        assertThat(HistoryRows.of(List.of(), List.of(row(1, 100), row(4, 400)), new Timeline(6), PG2, "now"))
                .extracting(r -> r.timeline().id() + " " + r.switchLsn().bytes() + " "
                        + r.newLeader().isPresent())
                .containsExactly("1 100 false", "2 100 false", "3 100 false", "4 400 false", "5 400 true");
    }

    @Test
    void theFirstTimelineHasNoHistory() {
        assertThat(HistoryRows.of(List.of(), List.of(), new Timeline(1), PG2, "now"))
                .isEmpty();
    }

    private static HistoryEntry row(int timeline, long end) {
        return new HistoryEntry(new Timeline(timeline), new Lsn(end), "promoted", Optional.empty(), Optional.empty());
    }

    private static HistoryEntry row(int timeline, long end, String reason, String at, MemberName next) {
        return new HistoryEntry(new Timeline(timeline), new Lsn(end), reason, Optional.of(at), Optional.of(next));
    }
}
