package io.matriarch.backup.cli;

import io.matriarch.ha.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tables and lines for people. */
final class Text {
    private static final long KIB = 1024;
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");
    private static final int SECONDS_OF_STAMP = "2026-01-01T00:00:00".length();
    private static final int BAR = 24;

    private Text() {}

    /** With as many spaces as the widest cell of each column needs, and two more. */
    static List<String> table(List<List<String>> rows) {
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(r -> r.get(column).length())
                        .max()
                        .orElse(0);
                line.append(i + 1 == row.size() ? row.get(i) : String.format("%-" + (width + 2) + "s", row.get(i)));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= KIB && unit < UNITS.size() - 1) {
            value /= KIB;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS.get(unit));
    }

    static String time(String instant) {
        return instant.length() < SECONDS_OF_STAMP
                ? instant
                : instant.substring(0, SECONDS_OF_STAMP).replace('T', ' ') + "Z";
    }

    /** The objects of an array. */
    static List<JsonObject> objects(JsonObject document, String key) {
        return document.array(key).orElse(List.of()).stream()
                .flatMap(value -> JsonObject.of(value).stream())
                .toList();
    }

    /** How much of what a job does now is done, in percent; empty while nobody knows. */
    static Optional<Long> share(JsonObject job) {
        return job.object("progress").flatMap(p -> p.number("total").map(total -> share(p, total)));
    }

    private static long share(JsonObject progress, long total) {
        return total == 0 ? 0 : Math.clamp(100 * progress.number("bytes").orElse(0L) / total, 0, 100);
    }

    /** One line of a job that runs. */
    static String progress(JsonObject job) {
        var progress = job.object("progress");
        if (progress.isEmpty()) {
            return job.string("job").orElse("job") + " " + job.string("state").orElse("");
        }
        var p = progress.get();
        var doing = p.string("doing").orElse("");
        var total = p.number("total");
        if (total.isEmpty()) {
            return doing;
        }
        long bytes = p.number("bytes").orElse(0L);
        long share = share(p, total.get());
        int full = (int) (BAR * share / 100);
        return String.format(
                "%s [%s%s] %d %%  %s of %s  %s/s%s",
                doing,
                "#".repeat(full),
                ".".repeat(BAR - full),
                share,
                bytes(bytes),
                bytes(total.get()),
                bytes(p.number("bytes_per_second").orElse(0L)),
                p.number("seconds_left").map(s -> "  " + s + " s left").orElse(""));
    }
}
