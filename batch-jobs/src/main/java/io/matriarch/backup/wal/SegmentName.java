package io.matriarch.backup.wal;

import io.matriarch.ha.model.Timeline;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a WAL segment file, 24 hex digits. Which positions it holds depends on the size of a segment: see {@link SegmentSize}.
 *
 * @param log the upper half of the positions in it
 * @param segment its number below {@code log}
 */
public record SegmentName(Timeline timeline, long log, long segment) implements Comparable<SegmentName> {
    private static final Pattern NAME = Pattern.compile("([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})");
    private static final long LARGEST = 0xFFFF_FFFFL;
    private static final int HEX = 16;
    private static final Comparator<SegmentName> ORDER = Comparator.comparing(SegmentName::timeline)
            .thenComparingLong(SegmentName::log)
            .thenComparingLong(SegmentName::segment);

    public SegmentName {
        if (log < 0 || log > LARGEST || segment < 0 || segment > LARGEST) {
            throw new IllegalArgumentException("no WAL segment: " + log + ", " + segment);
        }
    }

    /** The segment of that file name; empty when it is none. */
    public static Optional<SegmentName> of(String name) {
        var m = NAME.matcher(name);
        if (!m.matches()) {
            return Optional.empty();
        }
        long timeline = Long.parseLong(m.group(1), HEX);
        if (timeline < 1 || timeline > Integer.MAX_VALUE) {
            return Optional.empty();
        }
        return Optional.of(new SegmentName(
                new Timeline((int) timeline), Long.parseLong(m.group(2), HEX), Long.parseLong(m.group(3), HEX)));
    }

    /** By timeline, then by position. */
    @Override
    public int compareTo(SegmentName other) {
        return ORDER.compare(this, other);
    }

    /** As PostgreSQL names the file. */
    @Override
    public String toString() {
        return String.format("%08X%08X%08X", timeline.id(), log, segment);
    }
}
