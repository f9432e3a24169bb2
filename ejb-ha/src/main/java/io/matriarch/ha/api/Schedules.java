package io.matriarch.ha.api;

import io.matriarch.ha.api.CommandResult.Ending;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/** Reads the time that somebody schedules an action for: ISO 8601 with a zone. */
final class Schedules {
    private static final DateTimeFormatter ZONED = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendOffset("+HH:mm", "Z")
            .toFormatter(Locale.ROOT);
    private static final DateTimeFormatter ZONED_SHORT = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendOffset("+HHmm", "Z")
            .toFormatter(Locale.ROOT);

    private Schedules() {}

    /** A time that can be scheduled for, or why there is none. */
    sealed interface Schedule {
        record At(Instant when) implements Schedule {}

        record Refused(CommandResult answer) implements Schedule {}
    }

    static Schedule parse(String text, String action, Instant now) {
        String iso = text.strip().replaceFirst("^(\\S+) +(\\d)", "$1T$2").replaceFirst(" +([+-])", "$1");
        try {
            Instant when = zoned(iso);
            return when.isBefore(now)
                    ? refused(Ending.UNPROCESSABLE, "Cannot schedule " + action + " in the past")
                    : new Schedule.At(when);
        } catch (DateTimeException notZoned) {
            return isLocal(iso)
                    ? refused(Ending.INVALID, "Timezone information is mandatory for the scheduled " + action)
                    : refused(
                            Ending.UNPROCESSABLE,
                            "Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601");
        }
    }

    private static Instant zoned(String iso) {
        try {
            return OffsetDateTime.parse(iso, ZONED).toInstant();
        } catch (DateTimeException e) {
            return OffsetDateTime.parse(iso, ZONED_SHORT).toInstant();
        }
    }

    private static boolean isLocal(String iso) {
        try {
            LocalDateTime.parse(iso);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static Schedule refused(Ending ending, String why) {
        return new Schedule.Refused(CommandResult.of(ending, why));
    }
}
