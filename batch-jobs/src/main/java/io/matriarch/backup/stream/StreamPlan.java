package io.matriarch.backup.stream;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to receive next, by what the repository holds. Pure. Segments are received on the timeline on which recovery will look for them, so that
 * a timeline is left between two segments: the one in which it ended comes from its successor, which has it from the beginning.
 *
 * @param path of the leader's timeline
 * @param present complete segments in the repository
 */
record StreamPlan(TimelinePath path, SegmentSize size, Set<SegmentName> present) {
    StreamPlan {
        present = Set.copyOf(present);
    }

    /** A run of segments on one timeline. @param last its last number; empty where the timeline still grows */
    record Run(Timeline timeline, long first, Optional<Long> last) {}

    /** The number behind the last segment of this path that is there; empty when there is none. */
    Optional<Long> behindLast() {
        return numbers().stream().max(Long::compare).map(n -> n + 1);
    }

    /** The segments of this path that lack between ones that are there. */
    List<SegmentName> holes() {
        var numbers = numbers();
        var holes = new ArrayList<SegmentName>();
        for (int i = 1; i < numbers.size(); i++) {
            for (long n = numbers.get(i - 1) + 1; n < numbers.get(i); n++) {
                holes.add(path.segment(size, n));
            }
        }
        return holes;
    }

    private List<Long> numbers() {
        return present.stream()
                .filter(this::isOnPath)
                .map(size::number)
                .sorted()
                .toList();
    }

    /** Whether recovery along the path would read this file. */
    boolean isOnPath(SegmentName name) {
        return size.fits(name) && path.segment(size, size.number(name)).equals(name);
    }

    /** What to ask for to receive the segment of that number and those behind it. */
    Run from(long number) {
        var timeline = path.segment(size, number).timeline();
        Optional<Long> last = path.legs().stream()
                .filter(leg -> size.number(leg.begin()) > number)
                .findFirst()
                .map(leg -> size.number(leg.begin()) - 1);
        return new Run(timeline, number, last);
    }
}
