package io.matriarch.ha.config;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a text is five cron fields: what the schedule itself would refuse has to be known when the configuration is read. */
final class CronFields {
    private static final int LONGEST = 100;
    private static final Pattern PART = Pattern.compile("(\\*|(\\w+)(-(\\w+))?)(/([0-9]{1,4}))?");
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
    private static final List<Field> FIELDS = List.of(
            new Field(0, 59, List.of(), 0),
            new Field(0, 23, List.of(), 0),
            new Field(1, 31, List.of(), 0),
            new Field(1, 12, MONTHS, 1),
            new Field(0, 7, DAYS, 0));

    private CronFields() {}

    /** @param names words for numbers, beginning with {@code first} */
    private record Field(int least, int most, List<String> names, int first) {
        boolean takes(String text) {
            for (String part : text.split(",", -1)) {
                Matcher m = PART.matcher(part);
                if (!m.matches()
                        || "0"
                                .repeat(m.group(6) == null ? 0 : m.group(6).length())
                                .equals(m.group(6))) {
                    return false;
                }
                if (m.group(2) != null && !isRange(m.group(2), m.group(4) == null ? m.group(2) : m.group(4))) {
                    return false;
                }
            }
            return true;
        }

        private boolean isRange(String from, String to) {
            var first = number(from);
            var last = number(to);
            return first.isPresent() && last.isPresent() && first.getAsInt() <= last.getAsInt();
        }

        private OptionalInt number(String word) {
            int index = names.indexOf(word.toLowerCase(Locale.ROOT));
            if (index >= 0) {
                return OptionalInt.of(index + first);
            }
            if (!word.matches("[0-9]{1,2}")) {
                return OptionalInt.empty();
            }
            int number = Integer.parseInt(word);
            return number >= least && number <= most ? OptionalInt.of(number) : OptionalInt.empty();
        }
    }

    /** Whether each of the five is in its range; day names and month names have three letters. */
    static boolean areIn(String text) {
        String[] fields = text.split("\\s+");
        if (fields.length != FIELDS.size()) {
            return false;
        }
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].length() > LONGEST || !FIELDS.get(i).takes(fields[i])) {
                return false;
            }
        }
        return true;
    }
}
