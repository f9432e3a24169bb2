package io.matriarch.backup.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.stream.StreamPlan.Run;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.TimelineTree;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StreamPlanTest {
    private static final SegmentSize SIZE = SegmentSize.DEFAULT;
    /** Timeline 1 ended within segment 3, 2 did there too, 3 exactly at the end of segment 5. */
    private static final TimelinePath PATH = TimelineTree.of(Map.of(
                    new Timeline(4), TimelineHistory.parse("1\t0/3800000\tx\n2\t0/3900000\tx\n3\t0/6000000\tx\n")))
            .path(new Timeline(4))
            .orElseThrow();

    @Test
    void timelineIsLeftBeforeTheSegmentInWhichItEnded() {
        var plan = plan();

        assertThat(plan.from(1)).isEqualTo(new Run(new Timeline(1), 1, Optional.of(2L)));
        assertThat(plan.from(3)).isEqualTo(new Run(new Timeline(3), 3, Optional.of(5L)));
        assertThat(plan.from(5)).isEqualTo(new Run(new Timeline(3), 5, Optional.of(5L)));
        assertThat(plan.from(6)).isEqualTo(new Run(new Timeline(4), 6, Optional.empty()));
        assertThat(plan.from(99)).isEqualTo(new Run(new Timeline(4), 99, Optional.empty()));
    }

    @Test
    void whatOtherBranchesLeftDoesNotCount() {
        var plan = plan("000000010000000000000002", "000000010000000000000003", "000000020000000000000003");

        assertThat(plan.behindLast()).contains(3L);
        assertThat(plan().behindLast()).isEmpty();
    }

    @Test
    void holesAreNamedOnTheirTimeline() {
        var plan = plan("000000010000000000000001", "000000030000000000000004", "000000040000000000000007");

        assertThat(plan.holes())
                .extracting(SegmentName::toString)
                .containsExactly(
                        "000000010000000000000002",
                        "000000030000000000000003",
                        "000000030000000000000005",
                        "000000040000000000000006");
    }

    private static StreamPlan plan(String... present) {
        return new StreamPlan(
                PATH,
                SIZE,
                Arrays.stream(present).map(n -> SegmentName.of(n).orElseThrow()).collect(Collectors.toSet()));
    }
}
