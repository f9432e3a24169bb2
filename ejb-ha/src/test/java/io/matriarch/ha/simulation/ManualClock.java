package io.matriarch.ha.simulation;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.MonotonicClock;
import java.time.Instant;

/** A host's clock: it starts anywhere, runs a little too fast or too slow, and its wall-clock side may be set wrong. */
final class ManualClock implements MonotonicClock {
    private static final Instant EPOCH = Instant.parse("2026-11-23T00:00:00Z");

    private final EventScheduler scheduler;
    private final double rate;
    private final long offset;
    private long wallOffset;

    /** @param rate local seconds per true second */
    ManualClock(EventScheduler scheduler, double rate, long offset) {
        this.scheduler = scheduler;
        this.rate = rate;
        this.offset = offset;
    }

    @Override
    public MonotonicTime now() {
        return new MonotonicTime(offset + (long) (scheduler.now() * rate));
    }

    @Override
    public Instant wallClock() {
        return EPOCH.plusNanos(scheduler.now() + wallOffset);
    }

    /** Steps the wall clock; the monotonic side does not move. */
    void jumpWallClock(long nanos) {
        wallOffset += nanos;
    }

    /** The true time at which this clock shows {@code local}, rounded up. */
    long trueTimeOf(MonotonicTime local) {
        return (long) Math.ceil((local.nanos() - offset) / rate);
    }

    /** How much true time passes while this clock counts {@code localNanos}. */
    long trueNanos(long localNanos) {
        return (long) Math.ceil(localNanos / rate);
    }
}
