package io.matriarch.backup.verify;

import io.matriarch.ha.model.BackupPolicy.Replay;
import io.matriarch.ha.model.BackupPolicy.Verification;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Up to where a verification is to replay. Pure.
 *
 * @param behind whether to a moment behind the end of the backup
 * @param named that moment; empty: one is drawn
 */
public record Wish(boolean behind, Optional<Instant> named) {
    static final Wish CONSISTENCY = new Wish(false, Optional.empty());
    static final Wish RANDOM = new Wish(true, Optional.empty());

    /**
     * What a job was told, else what is configured.
     *
     * @param told {@code consistency}, {@code random}, a moment in UTC, or empty
     * @param since how many verifications ended since the last that replayed to a moment, by the records
     * @throws IllegalArgumentException if it is told something else
     */
    static Wish of(String told, Verification configured, int since) {
        return switch (told) {
            case "consistency" -> CONSISTENCY;
            case "random" -> RANDOM;
            case "" -> configured.replay() == Replay.RANDOM && since + 1 >= configured.every() ? RANDOM : CONSISTENCY;
            default -> new Wish(true, Optional.of(moment(told)));
        };
    }

    private static Instant moment(String told) {
        try {
            return Instant.parse(told);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "replay is \"" + told + "\"; allowed: random, consistency, or a moment like 2026-06-15T12:00:00Z",
                    e);
        }
    }

    /**
     * The moment to replay to; empty when none lies between.
     *
     * @param stopped when the backup ended: before it there is nothing to replay to
     * @param lastCommit of the WAL; recovery finds no end behind it, nor at it
     */
    Optional<Instant> draw(Instant stopped, Instant lastCommit, RandomGenerator chance) {
        if (named.isPresent()) {
            return named.filter(at -> at.isAfter(stopped) && at.isBefore(lastCommit));
        }
        // Whole milliseconds, so that it can be told and typed; PostgreSQL counts microseconds.
        var first = stopped.truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
        long room = ChronoUnit.MILLIS.between(first, lastCommit.minusNanos(1));
        return lastCommit.isAfter(first) ? Optional.of(first.plusMillis(chance.nextLong(room + 1))) : Optional.empty();
    }
}
