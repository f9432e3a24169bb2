package io.matriarch.backup.wal;

import io.matriarch.backup.wal.WalArchive.Listing;
import io.matriarch.backup.wal.WalArchive.Stored;
import io.matriarch.backup.wal.WalContinuity.Copy;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A cluster's past by chance: fail-overs, branches that were left, and the repository that a perfect stream would have filled. */
final class Histories {
    static final SegmentSize SIZE = SegmentSize.DEFAULT;
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    final Map<Timeline, List<TimelineSwitch>> files = new TreeMap<>();
    final TreeMap<SegmentName, Stored> segments = new TreeMap<>();
    final TreeMap<SegmentName, Stored> partials = new TreeMap<>();
    final List<Copy> copies = new ArrayList<>();
    private final Random random;
    Timeline present = new Timeline(1);
    Lsn end = new Lsn(SIZE.bytes());

    Histories(long seed) {
        random = new Random(seed);
    }

    static Histories of(long seed, int failovers) {
        var history = new Histories(seed);
        history.write(1);
        history.backup();
        for (int i = 0; i < failovers; i++) {
            history.write(history.random.nextInt(4 * SIZE.bytes()));
            if (history.random.nextInt(4) == 0) {
                history.backup();
            }
            history.failOver();
        }
        history.write(3L * SIZE.bytes());
        return history;
    }

    /** Whole segments are stored as they are done. */
    void write(long bytes) {
        var before = end;
        end = new Lsn(end.bytes() + bytes);
        for (long n = SIZE.number(before); n < SIZE.number(end); n++) {
            segments.put(SIZE.name(present, n), new Stored(1, BEGIN.plusSeconds(segments.size())));
        }
    }

    void backup() {
        var start = end;
        write(1000);
        copies.add(new Copy("backup" + copies.size(), present, start, end, BEGIN.plusSeconds(segments.size())));
        // The end of a backup ends its segment.
        write(SIZE.bytes() - SIZE.offset(end));
    }

    /** The next leader had all, or lacks a little; now and then it begins exactly between two segments. */
    void failOver() {
        long lost = random.nextInt(3) == 0 ? random.nextInt(SIZE.bytes()) : 0;
        var at = new Lsn(Math.max(begin().bytes() + 1, end.bytes() - lost));
        if (random.nextInt(5) == 0) {
            at = SIZE.start(SIZE.number(end));
            at = at.isAfter(begin()) ? at : end;
        }
        failOverAt(at);
    }

    void failOverAt(Lsn at) {
        var history = new ArrayList<>(files.getOrDefault(present, List.of()));
        history.add(new TimelineSwitch(present, at, "no recovery target specified"));
        if (SIZE.offset(at) > 0) {
            partials.put(SIZE.at(present, at), new Stored(1, BEGIN.plusSeconds(segments.size())));
        }
        present = present.next();
        files.put(present, history);
        end = at;
    }

    private Lsn begin() {
        var history = files.getOrDefault(present, List.of());
        return history.isEmpty() ? Lsn.ZERO : history.getLast().switchPoint();
    }

    TimelineTree tree() {
        return TimelineTree.of(files);
    }

    TimelinePath path() {
        return tree().path(present).orElseThrow();
    }

    WalContinuity continuity() {
        return new WalContinuity(new Listing(segments, partials, List.copyOf(files.keySet()), List.of()), tree(), SIZE);
    }
}
