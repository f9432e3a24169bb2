package io.matriarch.backup.heartbeat;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The heartbeat row.
 *
 * @param at when it was written, by the leader's clock
 * @param number one more than that of the beat before
 * @param period after which the next one was due
 */
public record Heartbeat(Instant at, long number, Duration period) {
    /** In the database that the managers log in to. */
    public static final String TABLE = "matriarch.heartbeat";

    /** Answers {@code t} where there is one. */
    public static final String IS_THERE = "select to_regclass('" + TABLE + "') is not null";

    /**
     * Asks whether that is a plain table of a superuser without triggers and rules: in any other, what somebody else wrote would run with the rights of
     * whoever writes or reads it.
     */
    public static final String IS_OURS = "select exists (select from pg_class c join pg_roles r on r.oid = c.relowner"
            + " where c.oid = to_regclass('" + TABLE + "') and c.relkind = 'r' and r.rolsuper"
            + " and not c.relhastriggers and not c.relhasrules and not c.relrowsecurity)";

    /** Its answer is what {@link #parse} takes. */
    public static final String READ = "select to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
            + " number, period_seconds from " + TABLE;

    /** What {@link #READ} answered; empty for anything else. */
    public static Optional<Heartbeat> parse(String answer) {
        var part = answer.strip().split("\\|");
        try {
            return part.length == 3
                    ? Optional.of(new Heartbeat(
                            Instant.parse(part[0]),
                            Long.parseLong(part[1]),
                            Duration.ofSeconds(Long.parseLong(part[2]))))
                    : Optional.empty();
        } catch (DateTimeException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * What is wrong with it in data that was replayed to {@code moment}; empty if nothing is.
     *
     * @param tolerance how much older than its period it may be there
     */
    public Optional<String> wrongAt(Instant moment, Duration tolerance) {
        if (at.isAfter(moment)) {
            return Optional.of(
                    "its heartbeat is of " + at + ", behind the moment " + moment + " that it was replayed to");
        }
        var age = Duration.between(at, moment);
        return age.compareTo(period.plus(tolerance)) > 0
                ? Optional.of("its heartbeat is " + age.toSeconds() + " s older than the moment " + moment
                        + " that it was replayed to; allowed are "
                        + period.plus(tolerance).toSeconds()
                        + " s: commits are missing, or no manager wrote one then")
                : Optional.empty();
    }
}
