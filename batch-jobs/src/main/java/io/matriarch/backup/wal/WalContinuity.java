package io.matriarch.backup.wal;

import io.matriarch.backup.wal.Reachable.Hole;
import io.matriarch.backup.wal.WalArchive.Listing;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Proves by names what can be restored: from each backup along each path of timelines as far as no segment lacks. Pure.
 *
 * @param listing the WAL of one system in the repository
 */
public record WalContinuity(Listing listing, TimelineTree tree, SegmentSize size) {

    /**
     * A base backup, which holds the WAL from its start to the end of the segment of its stop itself.
     *
     * @param stop where it is consistent
     */
    public record Copy(String label, Timeline timeline, Lsn start, Lsn stop, Instant stoppedAt) {}

    /**
     * Everything that a backup can be rolled forward to: one for each timeline on which it can end, the one that reaches furthest last. A
     * timeline of which nothing is left besides what its successor took over is left out.
     */
    public List<Reachable> from(Copy copy) {
        var all = new ArrayList<Reachable>();
        for (var target : tree.timelines()) {
            tree.path(target)
                    .filter(path -> path.contains(copy.timeline(), copy.stop()))
                    .map(path -> along(copy, path))
                    .ifPresent(all::add);
        }
        return all.stream()
                .filter(reach -> all.stream().noneMatch(other -> covers(other, reach)))
                .sorted(Comparator.comparing(Reachable::to))
                .toList();
    }

    /** Whether another one leads over the very end of it, or as far. */
    private static boolean covers(Reachable other, Reachable reach) {
        return !other.equals(reach)
                && other.path().contains(reach.path().target(), reach.to())
                && other.to().isAtLeast(reach.to());
    }

    /**
     * How far a backup can be rolled forward along one path.
     *
     * @throws IllegalArgumentException if the path does not lead over the backup
     */
    public Reachable along(Copy copy, TimelinePath path) {
        if (!path.contains(copy.timeline(), copy.stop())) {
            throw new IllegalArgumentException(copy.label() + " stopped at " + copy.stop() + " on timeline "
                    + copy.timeline() + ", which is not on the way to timeline " + path.target());
        }
        long first = firstNeeded(copy, path);
        long behind = first;
        var toTime = copy.stoppedAt();
        for (var stored = stored(path, behind); stored.isPresent(); stored = stored(path, behind)) {
            toTime = stored.get().storedAt();
            behind++;
        }
        var to = Lsn.max(copy.stop(), behind == first ? copy.stop() : size.start(behind));
        var partial = end(path, behind).filter(end -> end.at().isAfter(to));
        return new Reachable(
                copy.label(),
                path,
                copy.stop(),
                copy.stoppedAt(),
                partial.map(End::at).orElse(to),
                partial.map(End::storedAt).orElse(toTime),
                partial.map(End::name),
                holes(path, behind));
    }

    /** The segment of the stop is in the backup, unless the path reads it on a younger timeline. */
    private long firstNeeded(Copy copy, TimelinePath path) {
        long last = size.number(new Lsn(Math.max(0, copy.stop().bytes() - 1)));
        return path.segment(size, last).timeline().equals(copy.timeline()) ? last + 1 : last;
    }

    private Optional<WalArchive.Stored> stored(TimelinePath path, long number) {
        return Optional.ofNullable(listing.segments().get(path.segment(size, number)));
    }

    private record End(SegmentName name, Lsn at, Instant storedAt) {}

    /** Where the path's timeline ended inside of that segment, if what was written until then is there. */
    private Optional<End> end(TimelinePath path, long number) {
        var name = path.segment(size, number);
        return Optional.ofNullable(listing.partials().get(name))
                .flatMap(stored -> tree.children(path.target()).stream()
                        .map(child -> tree.origin(child).orElseThrow().switchPoint())
                        .filter(left -> size.at(path.target(), left).equals(name))
                        .min(Comparator.naturalOrder())
                        .map(left -> new End(name, left, stored.storedAt())));
    }

    /** Runs of segments that lack from that number on, before one that is there. */
    private List<Hole> holes(TimelinePath path, long from) {
        var present = new TreeMap<Long, SegmentName>();
        for (var name : listing.segments().keySet()) {
            if (size.fits(name)
                    && size.number(name) >= from
                    && path.segment(size, size.number(name)).equals(name)) {
                present.put(size.number(name), name);
            }
        }
        var holes = new ArrayList<Hole>();
        long expected = from;
        for (long number : present.keySet()) {
            if (number > expected) {
                holes.add(new Hole(
                        size.start(expected),
                        size.start(number),
                        path.segment(size, expected),
                        path.segment(size, number - 1),
                        number - expected));
            }
            expected = number + 1;
        }
        return holes;
    }

    /**
     * What was proven.
     *
     * @param chains of each backup that can be rolled forward to the present, oldest first
     * @param dead labels of backups on branches that the cluster has left: they can be restored, but lead to no present
     * @param holes on the way from the oldest backup to the present; empty when the chain is whole
     * @param newest the last segment of the present timeline
     */
    public record Proof(List<Reachable> chains, List<String> dead, List<Hole> holes, Optional<SegmentName> newest) {
        public Proof {
            chains = List.copyOf(chains);
            dead = List.copyOf(dead);
            holes = List.copyOf(holes);
        }
    }

    /**
     * Proves the chain from the oldest backup to the present.
     *
     * @param present the timeline of the leader
     * @throws IllegalArgumentException if its history is not in the repository
     */
    public Proof prove(List<Copy> copies, Timeline present) {
        var path = tree.path(present)
                .orElseThrow(
                        () -> new IllegalArgumentException("the history of timeline " + present + " is not there"));
        var chains = new ArrayList<Reachable>();
        var dead = new ArrayList<String>();
        for (var copy : copies.stream().sorted(Comparator.comparing(Copy::stop)).toList()) {
            if (path.contains(copy.timeline(), copy.stop())) {
                chains.add(along(copy, path));
            } else {
                dead.add(copy.label());
            }
        }
        var holes = chains.isEmpty() ? List.<Hole>of() : chains.getFirst().holes();
        return new Proof(chains, dead, holes, newest(path));
    }

    private Optional<SegmentName> newest(TimelinePath path) {
        return listing.segments().keySet().stream()
                .filter(size::fits)
                .filter(name -> path.segment(size, size.number(name)).equals(name))
                .max(Comparator.comparing(size::number));
    }
}
