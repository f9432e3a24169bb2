package io.matriarch.backup.restore;

import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.restore.WalView.Reach;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Moments of one history that can all be reached. Pure.
 *
 * @param path the history, named by the timeline at its end
 * @param since when the oldest of the backups ended: the first moment
 * @param from its position
 * @param backups labels, oldest first
 * @param reach what follows the newest of them: its end is that of the range
 */
record Range(SystemIdentifier system, TimelinePath path, Instant since, Lsn from, List<String> backups, Reach reach) {

    Range {
        backups = List.copyOf(backups);
    }

    /** Where it ends: no byte at or behind that position is there. */
    Lsn to() {
        return reach.segments().isEmpty() ? from : reach.end();
    }

    /** One line. */
    String words() {
        return "timeline " + path.target() + " from " + since + " (" + from + ", " + backups.getFirst() + ") to "
                + (reach.segments().isEmpty() ? "the end of " + backups.getLast() : to() + " in the WAL")
                + (reach.hole() ? ", where " + reach.missing() + " is missing" : "");
    }

    /** Of all histories that nothing came out of. */
    static List<Range> of(List<Entry> usable, Map<SystemIdentifier, WalView> archives) {
        var systems = new LinkedHashMap<SystemIdentifier, List<Entry>>();
        usable.forEach(e -> systems.computeIfAbsent(e.description().system(), s -> new ArrayList<>())
                .add(e));
        var ranges = new ArrayList<Range>();
        systems.forEach((system, entries) -> {
            var wal = archives.getOrDefault(system, WalView.empty());
            for (var path : ends(entries, wal)) {
                ranges.addAll(along(system, path, entries, wal));
            }
        });
        return ranges;
    }

    private static List<TimelinePath> ends(List<Entry> entries, WalView wal) {
        var timelines = new TreeSet<>(wal.timelines());
        entries.forEach(e -> timelines.add(e.description().timeline()));
        var ends = new TreeSet<>(timelines);
        for (Timeline timeline : timelines) {
            wal.path(timeline).legs().stream()
                    .map(TimelinePath.Leg::timeline)
                    .filter(t -> !t.equals(timeline))
                    .forEach(ends::remove);
        }
        return ends.stream().map(wal::path).toList();
    }

    private static List<Range> along(SystemIdentifier system, TimelinePath path, List<Entry> entries, WalView wal) {
        var ranges = new ArrayList<Range>();
        for (var entry : entries) {
            var backup = entry.description();
            if (!path.contains(backup.timeline(), backup.stop())) {
                continue;
            }
            var reach = wal.reach(path, backup.stop());
            var last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && last.to().isAtLeast(backup.stop())) {
                var labels = new ArrayList<>(last.backups());
                labels.add(backup.label());
                ranges.set(ranges.size() - 1, new Range(system, path, last.since(), last.from(), labels, reach));
            } else {
                ranges.add(new Range(system, path, backup.stoppedAt(), backup.stop(), List.of(backup.label()), reach));
            }
        }
        return ranges;
    }
}
