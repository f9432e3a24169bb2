package io.matriarch.backup.pace;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How fast a copy is read from now on, and why.
 *
 * @param bytesPerSecond at most
 * @param before how long the primary took to answer without the copy; empty while nobody knows
 * @param now how long it takes with it; empty when it does not answer
 * @param searching whether no limit was met yet, so that the rate may grow fast
 * @param floored for how many readings in a row the primary was slow although the copy crept
 */
public record Pace(
        long bytesPerSecond,
        Optional<Duration> before,
        Optional<Duration> now,
        Reason reason,
        boolean searching,
        int floored) {
    private static final double MIB = 1 << 20;
    private static final double NANOS_PER_MS = 1e6;

    /** Why it is this rate. */
    public enum Reason {
        /** The copy begins slowly. */
        BEGINS,
        /** The primary does not notice the copy: it may be faster. */
        UNNOTICED,
        /** The primary answers later, but within what is allowed. */
        STEADY,
        /** Something else holds the copy back: its ceiling, or it does not use what it may. */
        FREE,
        /** The primary answers too late: the copy is slowed. */
        TOO_LATE,
        /** The primary answers too late although the copy is as slow as it may be. */
        AT_FLOOR,
        /** It stayed so at the floor: it is not the copy's doing, and counts as how the primary answers without it. */
        NOT_OURS,
        /** The primary does not say how it is. */
        UNKNOWN
    }

    /** For people who look at the running copy; empty while nothing slows it. */
    public Optional<String> words() {
        var rate = String.format(Locale.ROOT, "slowed to %.1f MB/s: ", bytesPerSecond / MIB);
        return switch (reason) {
            case BEGINS, FREE -> Optional.empty();
            case UNNOTICED, STEADY -> searching ? Optional.empty() : Optional.of(rate + comparison());
            case TOO_LATE, AT_FLOOR -> Optional.of(rate + comparison());
            case NOT_OURS -> Optional.of(rate + comparison() + ", which the copy does not cause");
            case UNKNOWN -> Optional.of(rate + "the primary does not answer");
        };
    }

    private String comparison() {
        return "the primary answers in " + milliseconds(now) + " instead of " + milliseconds(before);
    }

    private static String milliseconds(Optional<Duration> time) {
        return time.map(t -> String.format(Locale.ROOT, "%.1f ms", t.toNanos() / NANOS_PER_MS))
                .orElse("an unknown time");
    }
}
