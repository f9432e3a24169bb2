package io.matriarch.ha.model;

import java.time.Duration;

/**
 * A moment on this host's monotonic clock, in nanoseconds ({@code CLOCK_MONOTONIC}, which {@code System.nanoTime()} reads on Linux, so
 * the fence process understands the same number). Comparable only with moments of the same host.
 */
public record MonotonicTime(long nanos) implements Comparable<MonotonicTime> {
    public MonotonicTime plus(Duration duration) {
        return new MonotonicTime(nanos + duration.toNanos());
    }

    public MonotonicTime minus(Duration duration) {
        return new MonotonicTime(nanos - duration.toNanos());
    }

    /** How long after {@code earlier} this moment lies; negative if it lies before. */
    public Duration since(MonotonicTime earlier) {
        return Duration.ofNanos(nanos - earlier.nanos);
    }

    public boolean isAtOrAfter(MonotonicTime other) {
        return nanos - other.nanos >= 0;
    }

    public boolean isBefore(MonotonicTime other) {
        return !isAtOrAfter(other);
    }

    public static MonotonicTime earliest(MonotonicTime a, MonotonicTime b) {
        return a.isBefore(b) ? a : b;
    }

    public static MonotonicTime latest(MonotonicTime a, MonotonicTime b) {
        return a.isBefore(b) ? b : a;
    }

    @Override
    public int compareTo(MonotonicTime other) {
        return Long.compare(nanos - other.nanos, 0);
    }
}
