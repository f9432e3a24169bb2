package io.matriarch.backup.wal;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.List;
import java.util.Optional;

/**
 * The timelines that lead from the beginning of WAL to the end of one of them: what a recovery with that {@code recovery_target_timeline}
 * replays. Pure.
 *
 * @param legs oldest first; the last one has no end
 */
public record TimelinePath(List<Leg> legs) {

    /**
     * The part of a timeline that belongs to the path.
     *
     * @param begin its first byte: where it came out of its parent
     * @param end behind its last byte: where the next one came out of it; empty for the last
     */
    public record Leg(Timeline timeline, Lsn begin, Optional<Lsn> end) {

        /** Whether the byte at that position is on this leg. */
        public boolean holds(Lsn lsn) {
            return lsn.isAtLeast(begin) && end.filter(lsn::isAtLeast).isEmpty();
        }
    }

    public TimelinePath {
        legs = List.copyOf(legs);
        if (legs.isEmpty() || legs.getLast().end().isPresent()) {
            throw new IllegalArgumentException("a path ends on a timeline without an end: " + legs);
        }
    }

    /** The timeline that it leads to. */
    public Timeline target() {
        return legs.getLast().timeline();
    }

    /** The leg of a timeline; empty when the path does not touch it. */
    public Optional<Leg> leg(Timeline timeline) {
        return legs.stream().filter(l -> l.timeline().equals(timeline)).findFirst();
    }

    /** The timeline on which the byte at that position is. */
    public Timeline timelineAt(Lsn lsn) {
        return legs.stream()
                .filter(l -> l.holds(lsn))
                .findFirst()
                .map(Leg::timeline)
                .orElseGet(this::target);
    }

    /**
     * Whether what was on {@code timeline} at {@code lsn}, and all before it, is a part of this path: a backup that stopped there can be
     * rolled forward along it.
     */
    public boolean contains(Timeline timeline, Lsn lsn) {
        return leg(timeline)
                .filter(l ->
                        lsn.isAtLeast(l.begin()) && l.end().filter(lsn::isAfter).isEmpty())
                .isPresent();
    }

    /**
     * The file that holds a segment on this path. Where a timeline ended inside of it this is the one of the youngest timeline that begins
     * in it, which PostgreSQL fills with what came before: the same choice as that of its own recovery.
     *
     * @param number of the segment, see {@link SegmentSize}
     */
    public SegmentName segment(SegmentSize size, long number) {
        var timeline = legs.reversed().stream()
                .filter(l -> size.number(l.begin()) <= number)
                .findFirst()
                .map(Leg::timeline)
                .orElseGet(() -> legs.getFirst().timeline());
        return size.name(timeline, number);
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (var leg : legs) {
            text.append(leg.timeline());
            leg.end().ifPresent(end -> text.append(" to ").append(end).append(", "));
        }
        return text.toString();
    }
}
