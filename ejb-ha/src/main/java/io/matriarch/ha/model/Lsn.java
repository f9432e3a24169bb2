package io.matriarch.ha.model;

import java.util.regex.Pattern;

/** A position in the write-ahead log, in bytes since its beginning (PostgreSQL's {@code pg_lsn}). */
public record Lsn(long bytes) implements Comparable<Lsn> {
    public static final Lsn ZERO = new Lsn(0);
    private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /**
     * Reads PostgreSQL's {@code X/X} form.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static Lsn parse(String text) {
        var m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("not an LSN of the form X/X: '" + text + "'");
        }
        return new Lsn((Long.parseLong(m.group(1), 16) << 32) | Long.parseLong(m.group(2), 16));
    }

    public static Lsn max(Lsn a, Lsn b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    public boolean isAtLeast(Lsn other) {
        return compareTo(other) >= 0;
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    /** Bytes from {@code other} to this position; negative when this one is behind. */
    public long minus(Lsn other) {
        return bytes - other.bytes;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public String toString() {
        return String.format("%X/%08X", bytes >>> 32, bytes & 0xFFFFFFFFL);
    }
}
