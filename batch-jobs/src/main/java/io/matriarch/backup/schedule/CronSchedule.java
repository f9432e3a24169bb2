package io.matriarch.backup.schedule;

import jakarta.enterprise.concurrent.CronTrigger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Five cron fields in a time zone. What the clocks skip in spring happens when they have been put forward: the platform's trigger alone would
 * leave a weekly job out for a week. Pure.
 *
 * @param cron minute, hour, day of the month, month, day of the week
 */
public record CronSchedule(String cron, ZoneId zone) {
    /** A schedule without any slot in so long has none ("31 2"). */
    private static final Duration HORIZON = Duration.ofDays(5L * 366);

    private static final List<Duration> LOOKS_BACK =
            List.of(Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(32), HORIZON);

    /** @throws IllegalArgumentException if the fields make no schedule: says which */
    public CronSchedule {
        trigger(cron, zone);
    }

    private static CronTrigger trigger(String cron, ZoneId zone) {
        // Its fields of a cron expression begin with seconds only when there are six.
        return new CronTrigger(cron, zone);
    }

    /** The first slot after that moment; empty when there is none within five years. */
    public Optional<Instant> after(Instant moment) {
        var end = moment.plus(HORIZON);
        var regular = next(moment, zone).filter(slot -> !slot.isAfter(end));
        var until = regular.orElse(end);
        var rules = zone.getRules();
        ZoneOffsetTransition gap = rules.nextTransition(moment);
        while (gap != null && gap.getInstant().isBefore(until)) {
            if (gap.isGap() && skips(gap)) {
                return Optional.of(gap.getInstant());
            }
            gap = rules.nextTransition(gap.getInstant());
        }
        return regular;
    }

    /** Whether a slot falls into the hour that does not exist. */
    private boolean skips(ZoneOffsetTransition gap) {
        LocalDateTime first = gap.getDateTimeBefore();
        return next(first.toInstant(ZoneOffset.UTC).minusNanos(1), ZoneOffset.UTC)
                .filter(slot -> slot.isBefore(gap.getDateTimeAfter().toInstant(ZoneOffset.UTC)))
                .isPresent();
    }

    /** The trigger takes a moment that is a slot for the next one: so it is asked for what comes after the moment. */
    private Optional<Instant> next(Instant moment, ZoneId in) {
        var at = ZonedDateTime.ofInstant(moment.plusNanos(1), in);
        ZonedDateTime found;
        try {
            found = trigger(cron, in).getNextRunTime(null, at);
        } catch (DateTimeException e) {
            // It found no day of that kind.
            return Optional.empty();
        }
        return Optional.ofNullable(found).map(ZonedDateTime::toInstant);
    }

    /** The last slot after one moment and not after another; empty when there is none. */
    public Optional<Instant> lastIn(Instant after, Instant until) {
        for (Duration back : LOOKS_BACK) {
            var from = until.minus(back);
            boolean whole = !from.isAfter(after);
            var last = lastFrom(whole ? after : from, until);
            if (last.isPresent() || whole) {
                return last;
            }
        }
        return Optional.empty();
    }

    private Optional<Instant> lastFrom(Instant after, Instant until) {
        Optional<Instant> last = Optional.empty();
        var slot = after(after);
        while (slot.isPresent() && !slot.get().isAfter(until)) {
            last = slot;
            slot = after(slot.get());
        }
        return last;
    }

    /** The next slots after that moment, at most {@code count}. */
    public List<Instant> next(Instant moment, int count) {
        var slots = new ArrayList<Instant>();
        var slot = after(moment);
        while (slot.isPresent() && slots.size() < count) {
            slots.add(slot.get());
            slot = after(slot.get());
        }
        return slots;
    }
}
