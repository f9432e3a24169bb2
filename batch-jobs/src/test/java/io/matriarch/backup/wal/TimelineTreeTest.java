package io.matriarch.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.model.TimelineSwitch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimelineTreeTest {
    private static final Map<Timeline, List<TimelineSwitch>> FILES = Map.of(
            timeline(2), TimelineHistory.parse("1\t0/3800000\tno recovery target specified\n"),
            timeline(3), TimelineHistory.parse("1\t0/3800000\tx\n2\t0/3900000\tx\n"),
            timeline(4), TimelineHistory.parse("1\t0/2000000\tbefore 2026-06-15\n"));

    @Test
    void timelinesKnowWhereTheyCameFrom() {
        var tree = TimelineTree.of(FILES);

        assertThat(tree.timelines()).containsExactly(timeline(1), timeline(2), timeline(3), timeline(4));
        assertThat(tree.origin(timeline(3))).contains(new TimelineSwitch(timeline(2), Lsn.parse("0/3900000"), ""));
        assertThat(tree.origin(timeline(1))).isEmpty();
        assertThat(tree.children(timeline(1))).containsExactly(timeline(2), timeline(4));
        assertThat(tree.leaves()).containsExactly(timeline(3), timeline(4));
        assertThat(tree.path(timeline(9))).isEmpty();
    }

    @Test
    void ancestorWhoseFileIsMissingIsKnownByItsDescendant() {
        var files = new HashMap<>(FILES);
        files.remove(timeline(2));

        assertThat(TimelineTree.of(files).path(timeline(2)))
                .isEqualTo(TimelineTree.of(FILES).path(timeline(2)));
    }

    @Test
    void numberThatWasUsedTwiceIsFoundOut() {
        var files = new HashMap<>(FILES);
        files.put(timeline(5), TimelineHistory.parse("1\t0/3800000\tx\n2\t0/3900001\tx\n3\t0/5000000\tx\n"));

        assertThatThrownBy(() -> TimelineTree.of(files))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeline 5")
                .hasMessageContaining("timeline 3 came by");
    }

    @Test
    void segmentInWhichTimelinesEndIsThatOfTheYoungest() {
        var path = TimelineTree.of(FILES).path(timeline(3)).orElseThrow();

        assertThat(path.segment(SegmentSize.DEFAULT, 2)).hasToString("000000010000000000000002");
        assertThat(path.segment(SegmentSize.DEFAULT, 3)).hasToString("000000030000000000000003");
        assertThat(path.segment(SegmentSize.DEFAULT, 4)).hasToString("000000030000000000000004");
    }

    @Test
    void positionIsOnOneTimeline() {
        var path = TimelineTree.of(FILES).path(timeline(3)).orElseThrow();

        assertThat(path.timelineAt(Lsn.parse("0/37FFFFF"))).isEqualTo(timeline(1));
        assertThat(path.timelineAt(Lsn.parse("0/3800000"))).isEqualTo(timeline(2));
        assertThat(path.timelineAt(Lsn.parse("0/3900000"))).isEqualTo(timeline(3));
        assertThat(path.contains(timeline(1), Lsn.parse("0/3800000"))).isTrue();
        assertThat(path.contains(timeline(1), Lsn.parse("0/3800001")))
                .as("left before")
                .isFalse();
        assertThat(path.contains(timeline(4), Lsn.parse("0/3000000"))).isFalse();
    }

    private static Timeline timeline(int id) {
        return new Timeline(id);
    }
}
