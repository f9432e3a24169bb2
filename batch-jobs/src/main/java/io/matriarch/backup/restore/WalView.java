package io.matriarch.backup.restore;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.TimelineTree;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the archive holds of one system, at one moment. Pure.
 *
 * @param segments complete ones
 * @param partials last ones of timelines that ended inside of them
 */
record WalView(TimelineTree tree, SegmentSize size, Set<SegmentName> segments, Set<SegmentName> partials) {
    WalView {
        segments = Set.copyOf(segments);
        partials = Set.copyOf(partials);
    }

    /** An archive with nothing in it. */
    static WalView empty() {
        return new WalView(TimelineTree.of(Map.of()), SegmentSize.DEFAULT, Set.of(), Set.of());
    }

    static WalView of(WalArchive.Listing listing, TimelineTree tree, SegmentSize size) {
        return new WalView(
                tree, size, listing.segments().keySet(), listing.partials().keySet());
    }

    /** A segment to fetch. */
    record Needed(SegmentName name, boolean partial) {}

    /**
     * How far one gets along a path without a hole.
     *
     * @param segments what has to be fetched, in order; may begin behind the first one, which the backup holds itself
     * @param end no byte at or behind it is there
     * @param missing the first segment that is not there
     * @param hole whether later ones are, so that more of the path is lost than its end
     * @param bytes of the segments
     */
    record Reach(List<Needed> segments, Lsn end, SegmentName missing, boolean hole, long bytes) {
        Reach {
            segments = List.copyOf(segments);
        }
    }

    /** All timelines that something is known of. */
    Set<Timeline> timelines() {
        var all = new TreeSet<>(tree.timelines());
        segments.forEach(name -> all.add(name.timeline()));
        return all;
    }

    /**
     * The way to the end of a timeline. One whose history was never archived is known by itself alone, which is enough for backups of that
     * timeline.
     */
    TimelinePath path(Timeline target) {
        return tree.path(target)
                .orElseGet(() -> new TimelinePath(List.of(new TimelinePath.Leg(target, Lsn.ZERO, Optional.empty()))));
    }

    /** What follows a backup that stopped at {@code stop}: it holds the segment with that position itself. */
    Reach reach(TimelinePath path, Lsn stop) {
        long number = size.number(stop);
        var needed = new ArrayList<Needed>();
        var next = stored(path, number);
        next.ifPresent(needed::add);
        boolean goesOn = next.filter(n -> isEnd(path, n, size.number(stop))).isEmpty();
        number++;
        while (goesOn) {
            next = stored(path, number);
            if (next.isEmpty()) {
                break;
            }
            needed.add(next.get());
            goesOn = !isEnd(path, next.get(), number);
            number++;
        }
        long first = number;
        boolean hole = segments.stream()
                .anyMatch(name -> size.number(name) > first
                        && path.segment(size, size.number(name)).equals(name));
        return new Reach(
                needed, size.start(first), path.segment(size, first), hole, (long) needed.size() * size.bytes());
    }

    /** Nothing can follow a segment of a timeline that was left inside of it, when that of the next timeline is missing. */
    private boolean isEnd(TimelinePath path, Needed needed, long number) {
        return needed.partial() || !needed.name().equals(path.segment(size, number));
    }

    /** The file of the youngest timeline; else that of an older one, which holds the segment up to where it was left. */
    private Optional<Needed> stored(TimelinePath path, long number) {
        return path.legs().reversed().stream()
                .filter(leg -> size.number(leg.begin()) <= number)
                .filter(leg ->
                        leg.end().filter(end -> size.number(end) < number).isEmpty())
                .flatMap(leg -> stored(size.name(leg.timeline(), number)).stream())
                .findFirst();
    }

    private Optional<Needed> stored(SegmentName name) {
        if (segments.contains(name)) {
            return Optional.of(new Needed(name, false));
        }
        return partials.contains(name) ? Optional.of(new Needed(name, true)) : Optional.empty();
    }
}
