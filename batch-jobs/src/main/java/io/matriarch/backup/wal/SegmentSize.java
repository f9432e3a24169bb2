package io.matriarch.backup.wal;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;

/**
 * How many bytes of WAL a segment holds ({@code wal_segment_size}), and which position is in which segment. Segments of one size are also
 * counted, from 0 at the beginning of WAL: the same number on several timelines holds the same positions.
 */
public record SegmentSize(int bytes) {
    /** PostgreSQL's default. */
    public static final SegmentSize DEFAULT = new SegmentSize(16 << 20);

    private static final int SMALLEST = 1 << 20;
    private static final int LARGEST = 1 << 30;
    private static final long LOG = 1L << 32;

    public SegmentSize {
        if (bytes < SMALLEST || bytes > LARGEST || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException(
                    "a WAL segment has a power of two of bytes between 1 MB and 1 GB, not " + bytes);
        }
    }

    /** The number of the segment in which the byte at that position is, or will be. */
    public long number(Lsn lsn) {
        return Long.divideUnsigned(lsn.bytes(), bytes);
    }

    public long number(SegmentName name) {
        return name.log() * (LOG / bytes) + name.segment();
    }

    /** Whether a name can be one of a segment of this size: others have numbers that do not exist. */
    public boolean fits(SegmentName name) {
        return name.segment() < LOG / bytes;
    }

    public SegmentName name(Timeline timeline, long number) {
        return new SegmentName(timeline, number / (LOG / bytes), number % (LOG / bytes));
    }

    /** The segment of a timeline in which the byte at that position is, or will be. */
    public SegmentName at(Timeline timeline, Lsn lsn) {
        return name(timeline, number(lsn));
    }

    /** The position of the first byte of a segment. */
    public Lsn start(long number) {
        return new Lsn(number * bytes);
    }

    public Lsn start(SegmentName name) {
        return start(number(name));
    }

    /** The position behind the last byte of a segment. */
    public Lsn end(SegmentName name) {
        return start(number(name) + 1);
    }

    /** How far into its segment a position is. */
    public int offset(Lsn lsn) {
        return (int) (lsn.bytes() & (bytes - 1L));
    }
}
