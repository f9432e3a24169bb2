package io.matriarch.backup.pace;

/** A token bucket: says how long to wait before the next bytes are read. Thread safe; the time is given to it. */
final class RateLimit {
    private static final double NANOS = 1e9;
    /** So much may come at once after a pause: what a fiftieth of a second brings. */
    private static final double BURST_SECONDS = 0.02;

    private long bytesPerSecond;
    private double ahead;
    private long since;

    RateLimit(long bytesPerSecond, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.since = nowNanos;
    }

    /** Holds at once, for what was already read too. */
    synchronized void set(long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
    }

    /** Counts bytes that were read; returns for how many nanoseconds nothing more is to be read. */
    synchronized long taken(int bytes, long nowNanos) {
        double passed = (nowNanos - since) / NANOS * bytesPerSecond;
        ahead = Math.max(ahead - passed, -BURST_SECONDS * bytesPerSecond) + bytes;
        since = nowNanos;
        return ahead <= 0 ? 0 : (long) (ahead / bytesPerSecond * NANOS);
    }
}
