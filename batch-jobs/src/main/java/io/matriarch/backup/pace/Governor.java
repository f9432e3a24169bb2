package io.matriarch.backup.pace;

import io.matriarch.backup.pace.Pace.Reason;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides how fast a copy is read, from how the primary answers: grows while that does not notice the copy, halves when it answers too late. Pure.
 *
 * <p>Never below the floor. A primary that stays slow there is slow for another reason (its own load grew): what it does then is taken for
 * normal, so that a copy does not creep for hours for what it does not cause. That cannot escalate: it is always measured at the floor, and
 * falls again with that load.
 */
public final class Governor {
    /** Differences below this are noise whatever the percentage says. */
    static final Duration NOISE = Duration.ofNanos(500_000);

    /** So many late readings at the floor mean that the copy is not the cause. */
    static final int PATIENCE = 10;

    private static final double SEARCH = 1.5;
    private static final double GROWTH = 1.1;
    /** Also near what is allowed: standing still there could be for another's load, and for ever. */
    private static final double CREEP = 1.02;

    private static final int USED_SHARE = 2;

    private final Limits limits;

    public Governor(Limits limits) {
        this.limits = limits;
    }

    /**
     * What was seen since the last decision.
     *
     * @param latency how long the primary took to answer, of most of the answers; empty when nothing is known
     * @param copied bytes a second that were read
     */
    public record Reading(Optional<Duration> latency, long copied) {}

    /** How a copy begins: slowly. */
    public Pace begin(Optional<Duration> before) {
        return new Pace(limits.within(limits.floor()), before, before, Reason.BEGINS, true, 0);
    }

    /** What follows from a reading that was taken while {@code pace} held. */
    public Pace next(Pace pace, Reading reading) {
        if (reading.latency().isEmpty()) {
            return new Pace(limits.floor(), pace.before(), Optional.empty(), Reason.UNKNOWN, pace.searching(), 0);
        }
        if (reading.copied() == 0 && pace.before().isPresent()) {
            // A copy that waits for its checkpoint is not the cause, and what that costs is not the measure.
            return pace;
        }
        var now = reading.latency().get();
        if (pace.before().isEmpty()) {
            return with(limits.floor(), now, now, Reason.BEGINS, true, 0);
        }
        // What it does with the copy it would do without: a baseline of the time of another's load ends with that load.
        var known = pace.before().get();
        var before = now.multipliedBy(2).compareTo(known) < 0 ? now : known;
        var rise = now.minus(before);
        var allowed = allowed(before);
        if (rise.compareTo(allowed) > 0) {
            return late(pace, reading, before, now);
        }
        if (rise.compareTo(allowed.dividedBy(2)) > 0) {
            return grown(pace, reading, before, now, CREEP, Reason.STEADY, false);
        }
        return grown(
                pace, reading, before, now, pace.searching() ? SEARCH : GROWTH, Reason.UNNOTICED, pace.searching());
    }

    private Duration allowed(Duration before) {
        var share = before.multipliedBy(limits.risePercent()).dividedBy(100);
        return share.compareTo(NOISE) > 0 ? share : NOISE;
    }

    private Pace late(Pace pace, Reading reading, Duration before, Duration now) {
        if (pace.bytesPerSecond() > limits.floor()) {
            // The half of what was really read: a rate that was not used up has nothing to halve.
            long half = Math.min(pace.bytesPerSecond(), Math.max(reading.copied(), 1)) / 2;
            return with(limits.within(half), before, now, Reason.TOO_LATE, false, 0);
        }
        if (pace.floored() + 1 < PATIENCE) {
            return with(limits.floor(), before, now, Reason.AT_FLOOR, false, pace.floored() + 1);
        }
        return with(limits.floor(), now, now, Reason.NOT_OURS, true, 0);
    }

    private Pace grown(
            Pace pace,
            Reading reading,
            Duration before,
            Duration now,
            double factor,
            Reason reason,
            boolean searching) {
        boolean used = reading.copied() >= pace.bytesPerSecond() / USED_SHARE;
        long grown = limits.within((long) Math.ceil(pace.bytesPerSecond() * factor));
        return used && grown != pace.bytesPerSecond()
                ? with(grown, before, now, reason, searching, 0)
                : with(pace.bytesPerSecond(), before, now, Reason.FREE, searching, 0);
    }

    private static Pace with(long rate, Duration before, Duration now, Reason reason, boolean searching, int floored) {
        return new Pace(rate, Optional.of(before), Optional.of(now), reason, searching, floored);
    }
}
