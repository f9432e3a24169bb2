package io.matriarch.ha.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code synchronous_standby_names}, read as PostgreSQL reads it. */
record SyncNames(boolean any, int count, List<String> names) {
    static final SyncNames NONE = new SyncNames(false, 0, List.of());
    private static final Pattern FORM = Pattern.compile("(?i)(?:(ANY|FIRST)\\s+)?(\\d+)\\s*\\((.*)\\)");

    static SyncNames parse(String text) {
        String value = text.strip();
        if (value.isEmpty()) {
            return NONE;
        }
        Matcher m = FORM.matcher(value);
        if (m.matches()) {
            return new SyncNames("ANY".equalsIgnoreCase(m.group(1)), Integer.parseInt(m.group(2)), split(m.group(3)));
        }
        return new SyncNames(false, 1, split(value));
    }

    private static List<String> split(String list) {
        var out = new ArrayList<String>();
        for (String part : list.split(",")) {
            out.add(part.strip().replace("\"", ""));
        }
        return out;
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    boolean lists(String name) {
        return names.contains(name) || names.contains("*");
    }

    /** 1 for the first of the list; 0 for who is not in it. */
    int priority(String name) {
        return names.contains("*") ? 1 : names.indexOf(name) + 1;
    }

    /** Up to where commits are acknowledged, given what each connected standby has flushed; -1 when there are too few. */
    long acknowledged(Map<String, Long> flushed) {
        var chosen = new ArrayList<Long>();
        if (any || names.contains("*")) {
            flushed.forEach((name, lsn) -> {
                if (lists(name)) {
                    chosen.add(lsn);
                }
            });
            chosen.sort(Collections.reverseOrder());
        } else {
            for (String name : names) {
                if (flushed.containsKey(name) && chosen.size() < count) {
                    chosen.add(flushed.get(name));
                }
            }
            chosen.sort(Collections.reverseOrder());
        }
        return chosen.size() < count ? -1 : chosen.get(count - 1);
    }
}
