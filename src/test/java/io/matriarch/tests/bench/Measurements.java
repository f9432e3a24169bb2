package io.matriarch.tests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that keeps the newest figures of each scenario, each between two marks. */
final class Measurements {
    private static final String HEAD = """
            # Measurements

            What the promises of the README come to on a real machine. `deploy/bench` measures and writes this file:
            real processes, one prober per member that inserts a row every few milliseconds, and a writer that
            follows the primary; a gap is the longest time in which nobody acknowledged a row. Figures depend on the
            machine and on what else it does: compare them with the load beside them.

            """;

    private Measurements() {}

    static void put(Path file, Section section) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : HEAD;
        String begin = "<!-- " + section.key() + " -->\n";
        String end = "<!-- end of " + section.key() + " -->\n";
        String block = begin + section.markdown() + end;
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        String changed = from >= 0 && to > from
                ? text.substring(0, from) + block + text.substring(to + end.length())
                : text + (text.endsWith("\n\n") ? "" : "\n") + block;
        Files.writeString(file, changed);
    }
}
