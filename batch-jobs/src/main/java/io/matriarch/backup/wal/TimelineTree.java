package io.matriarch.backup.wal;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which timeline came out of which, and where: what the history files of one system say together. Pure. */
public final class TimelineTree {
    private final Map<Timeline, TimelinePath> paths;

    private TimelineTree(Map<Timeline, TimelinePath> paths) {
        this.paths = Collections.unmodifiableMap(paths);
    }

    /**
     * Puts them together. Timeline 1 needs no history; ancestors whose own file is missing are known by their descendants.
     *
     * @param histories what the history file of each timeline holds, oldest ancestor first
     * @throws IllegalArgumentException if two of them contradict each other: they are not of one system, or a number was used twice
     */
    public static TimelineTree of(Map<Timeline, List<TimelineSwitch>> histories) {
        var paths = new TreeMap<Timeline, TimelinePath>();
        var first = new Timeline(1);
        paths.put(first, path(List.of(), first));
        for (var history : new TreeMap<>(histories).entrySet()) {
            var switches = history.getValue();
            for (int i = 0; i < switches.size(); i++) {
                var ancestor = switches.get(i).timeline();
                add(paths, path(switches.subList(0, i), ancestor), history.getKey());
            }
            add(paths, path(switches, history.getKey()), history.getKey());
        }
        return new TimelineTree(paths);
    }

    private static void add(Map<Timeline, TimelinePath> paths, TimelinePath path, Timeline source) {
        var known = paths.putIfAbsent(path.target(), path);
        if (known != null && !known.equals(path)) {
            throw new IllegalArgumentException("the history of timeline " + source + " says that timeline "
                    + path.target() + " came by " + path + ", another says by " + known);
        }
    }

    private static TimelinePath path(List<TimelineSwitch> switches, Timeline target) {
        var legs = new ArrayList<TimelinePath.Leg>();
        var begin = Lsn.ZERO;
        for (var ended : switches) {
            legs.add(new TimelinePath.Leg(ended.timeline(), begin, Optional.of(ended.switchPoint())));
            begin = ended.switchPoint();
        }
        legs.add(new TimelinePath.Leg(target, begin, Optional.empty()));
        return new TimelinePath(legs);
    }

    /** All timelines that are known. */
    public Set<Timeline> timelines() {
        return paths.keySet();
    }

    /** The way from the beginning of WAL to the end of a timeline; empty when its history is not known. */
    public Optional<TimelinePath> path(Timeline target) {
        return Optional.ofNullable(paths.get(target));
    }

    /** Where a timeline came out of its parent; empty for the first, and for one that is not known. */
    public Optional<TimelineSwitch> origin(Timeline timeline) {
        return path(timeline)
                .filter(path -> path.legs().size() > 1)
                .map(path -> path.legs().get(path.legs().size() - 2))
                .map(parent ->
                        new TimelineSwitch(parent.timeline(), parent.end().orElseThrow(), ""));
    }

    /** Timelines that came directly out of that one, lowest number first. */
    public Set<Timeline> children(Timeline parent) {
        var children = new TreeSet<Timeline>();
        for (var timeline : paths.keySet()) {
            if (origin(timeline).filter(o -> o.timeline().equals(parent)).isPresent()) {
                children.add(timeline);
            }
        }
        return children;
    }

    /** Timelines that nothing came out of. */
    public Set<Timeline> leaves() {
        var leaves = new TreeSet<>(paths.keySet());
        for (var timeline : paths.keySet()) {
            origin(timeline).ifPresent(o -> leaves.remove(o.timeline()));
        }
        return leaves;
    }
}
