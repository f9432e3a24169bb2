package io.matriarch.ha.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** PostgreSQL's timeline history files: one line for each ancestor, oldest first. */
public final class TimelineHistory {
    private static final Pattern LINE = Pattern.compile("\\s*(\\d+)\\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+)\\s*(.*)");
    private static final Pattern FILE = Pattern.compile("([0-9A-F]{8})\\.history");

    private TimelineHistory() {}

    /** The name of the file that holds the history of a timeline. */
    public static String fileName(Timeline timeline) {
        return String.format("%08X.history", timeline.id());
    }

    /** The timeline whose history a file of that name is. */
    public static Optional<Timeline> ofFileName(String name) {
        var m = FILE.matcher(name);
        if (!m.matches()) {
            return Optional.empty();
        }
        long id = Long.parseLong(m.group(1), 16);
        return id >= 1 && id <= Integer.MAX_VALUE ? Optional.of(new Timeline((int) id)) : Optional.empty();
    }

    /**
     * Reads the text of a history file.
     *
     * @throws IllegalArgumentException if a line is neither a comment nor an ancestor, or ancestors are not in ascending order
     */
    public static List<TimelineSwitch> parse(String text) {
        var switches = new ArrayList<TimelineSwitch>();
        int last = 0;
        for (String line : text.split("\n")) {
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            var m = LINE.matcher(line);
            if (!m.matches()) {
                throw new IllegalArgumentException("not a line of a timeline history: '" + line + "'");
            }
            int id = Integer.parseInt(m.group(1));
            if (id <= last) {
                throw new IllegalArgumentException("timelines of a history must ascend: " + id + " after " + last);
            }
            last = id;
            switches.add(new TimelineSwitch(
                    new Timeline(id), Lsn.parse(m.group(2)), m.group(3).strip()));
        }
        return switches;
    }
}
