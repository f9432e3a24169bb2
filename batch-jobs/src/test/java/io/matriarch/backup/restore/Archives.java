package io.matriarch.backup.restore;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelineTree;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A repository that only exists in the mind: one system, segments of 16 MB, and moments counted in hours since 2026 began. */
final class Archives {
    static final SystemIdentifier SYSTEM = new SystemIdentifier("7300000000000000001");
    static final SegmentSize SIZE = SegmentSize.DEFAULT;
    private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");

    private final List<Entry> entries = new ArrayList<>();
    private final Map<Timeline, List<TimelineSwitch>> histories = new TreeMap<>();
    private final Set<SegmentName> segments = new HashSet<>();
    private final Set<SegmentName> partials = new HashSet<>();

    static Instant hour(int hour) {
        return BEGAN.plusSeconds(hour * 3600L);
    }

    /** A position in the middle of a segment. */
    static Lsn in(long segment) {
        return new Lsn(segment * SIZE.bytes() + 0x1000);
    }

    /** A good backup that ended in that hour and segment. */
    Archives backup(String label, int hour, int timeline, long segment) {
        return backup(label, hour, timeline, segment, Backup.State.VERIFIED, "15.18", "backup_manifest");
    }

    /** A good one that builds on the one before. */
    Archives incremental(String label, int hour, int timeline, long segment) {
        var parent = entries.getLast().description().label();
        return backup(
                label, hour, timeline, segment, Backup.State.VERIFIED, "15.18", "backup_manifest", Optional.of(parent));
    }

    Archives backup(
            String label, int hour, int timeline, long segment, Backup.State state, String version, String file) {
        return backup(label, hour, timeline, segment, state, version, file, Optional.empty());
    }

    private Archives backup(
            String label,
            int hour,
            int timeline,
            long segment,
            Backup.State state,
            String version,
            String file,
            Optional<String> parent) {
        var description = new BackupDescription(
                label,
                "herd",
                SYSTEM,
                new Timeline(timeline),
                new Lsn(segment * SIZE.bytes() + 0x28),
                in(segment),
                hour(hour).minusSeconds(60),
                hour(hour),
                version,
                "zstd",
                "pg1",
                1_000_000,
                List.of(new StoredFile("base.tar.zst", 100, "00"), new StoredFile(file, 10, "00")),
                parent,
                Optional.empty());
        entries.add(new Entry(
                description,
                state,
                hour(hour),
                "as the test says",
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        return this;
    }

    /** Segments of a timeline, both included. */
    Archives wal(int timeline, long from, long to) {
        for (long number = from; number <= to; number++) {
            segments.add(SIZE.name(new Timeline(timeline), number));
        }
        return this;
    }

    Archives partial(int timeline, long number) {
        partials.add(SIZE.name(new Timeline(timeline), number));
        return this;
    }

    Archives without(int timeline, long number) {
        segments.remove(SIZE.name(new Timeline(timeline), number));
        return this;
    }

    /** A timeline came out of another, whose own history is known already, in the middle of a segment. */
    Archives promoted(int parent, int child, long segment) {
        var switches = new ArrayList<>(histories.getOrDefault(new Timeline(parent), List.of()));
        switches.add(
                new TimelineSwitch(new Timeline(parent), new Lsn(in(segment).bytes() + 0x1000), "test"));
        histories.put(new Timeline(child), switches);
        return this;
    }

    WalView view() {
        return new WalView(TimelineTree.of(histories), SIZE, segments, partials);
    }

    RestorePlanner planner() {
        return new RestorePlanner(entries, Map.of(SYSTEM, view()), 15);
    }

    static RestoreRequest wish(RecoveryTarget target) {
        return wish(target, Optional.empty(), Optional.empty());
    }

    static RestoreRequest wish(RecoveryTarget target, Optional<String> label, Optional<Integer> timeline) {
        return new RestoreRequest(
                target, Path.of("/srv/aside"), label, timeline.map(Timeline::new), Optional.empty(), false, true);
    }
}
