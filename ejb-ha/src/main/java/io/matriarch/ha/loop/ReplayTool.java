package io.matriarch.ha.loop;

import io.matriarch.ha.adapter.system.JournalLines;
import io.matriarch.ha.decide.Decision;
import io.matriarch.ha.decide.HaDecider;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.RejectedCandidate;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides again what a journal recorded, with the decision code of today, and says for each entry whether it comes to the same.
 *
 * <p>Usage: {@code [--entry N] [--json] JOURNAL}, where JOURNAL is a file of the journal or its directory. Exit status: 0 all the same, 1
 * something differs or could not be read, 2 wrong arguments.
 */
public final class ReplayTool {
    static final int SAME = 0;
    static final int DIFFERENT = 1;
    static final int USAGE = 2;
    private static final String USAGE_TEXT =
            "usage: replay [--entry N] [--json] JOURNAL    (a file of a journal, or its directory)";

    private final PrintStream out;
    private final PrintStream err;
    private boolean json;
    private Optional<Integer> only = Optional.empty();

    ReplayTool(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        System.exit(new ReplayTool(stream(FileDescriptor.out), stream(FileDescriptor.err)).run(List.of(args)));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    int run(List<String> args) {
        Optional<Path> journal = parse(args);
        if (journal.isEmpty()) {
            err.println(USAGE_TEXT);
            return USAGE;
        }
        try {
            return replay(journal.get());
        } catch (IOException e) {
            err.println("cannot read " + journal.get() + ": " + e.getMessage());
            return USAGE;
        }
    }

    private Optional<Path> parse(List<String> args) {
        Optional<Path> journal = Optional.empty();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.equals("--json")) {
                json = true;
            } else if (arg.equals("--entry")
                    && i + 1 < args.size()
                    && args.get(i + 1).matches("\\d{1,9}")) {
                only = Optional.of(Integer.parseInt(args.get(++i)));
            } else if (arg.startsWith("-") || journal.isPresent()) {
                return Optional.empty();
            } else {
                journal = Optional.of(Path.of(arg));
            }
        }
        return journal;
    }

    private int replay(Path journal) throws IOException {
        int number = 0;
        int differing = 0;
        int shown = 0;
        for (String line : lines(journal)) {
            var parsed = JournalLines.parse(line);
            if (!(parsed instanceof JournalLines.Repeated)) {
                number++;
            }
            int current = number;
            if (only.filter(n -> n != current).isPresent()) {
                continue;
            }
            shown++;
            boolean same = switch (parsed) {
                case JournalLines.Decided decided -> show(current, decided.entry());
                case JournalLines.Repeated repeated -> showRepeated(repeated);
                case JournalLines.Unreadable unreadable -> showUnreadable(current, unreadable);
            };
            differing += same ? 0 : 1;
        }
        if (shown == 0) {
            err.println(only.isPresent() ? "there is no entry " + only.get() : "the journal is empty");
            return only.isPresent() ? USAGE : SAME;
        }
        if (!json) {
            out.println(differing == 0 ? "All decided the same." : differing + " differ.");
        }
        return differing == 0 ? SAME : DIFFERENT;
    }

    private static List<String> lines(Path journal) throws IOException {
        var files = new ArrayList<Path>();
        if (Files.isDirectory(journal)) {
            try (var entries = Files.newDirectoryStream(journal, "*.jsonl")) {
                entries.forEach(files::add);
            }
            files.sort(null);
        } else {
            files.add(journal);
        }
        var lines = new ArrayList<String>();
        for (Path file : files) {
            // A crash may tear a line in the middle of a character; that must cost one entry, not the journal.
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.isBlank())
                    .forEach(lines::add);
        }
        return lines;
    }

    /** What was decided, in the form in which two decisions are compared. */
    private record Verdict(String rule, String because, List<RejectedCandidate> rejected, List<String> actions) {
        static Verdict recorded(DecisionEntry entry) {
            return new Verdict(entry.rule(), entry.because(), entry.rejected(), entry.actions());
        }

        static Verdict now(DecisionEntry entry) {
            Decision decision = HaDecider.decide(entry.dcs(), entry.node(), entry.memory(), entry.now());
            return new Verdict(
                    decision.rule().name(),
                    decision.because(),
                    decision.rejected(),
                    decision.actions().stream().map(Action::toString).toList());
        }
    }

    private boolean show(int number, DecisionEntry entry) {
        var recorded = Verdict.recorded(entry);
        Verdict now;
        try {
            now = Verdict.now(entry);
        } catch (IllegalStateException e) {
            now = new Verdict("(broken invariant)", String.valueOf(e.getMessage()), List.of(), List.of());
        }
        boolean same = recorded.equals(now);
        if (json) {
            var object = new LinkedHashMap<String, Object>();
            object.put("entry", number);
            object.put("at", entry.at().toString());
            object.put("same", same);
            object.put("recorded", object(recorded));
            object.put("outcomes", entry.outcomes());
            if (!same) {
                object.put("now", object(now));
            }
            out.println(Json.compact(object));
            return same;
        }
        out.println("#" + number + "  " + entry.at() + "  " + recorded.rule() + "  " + (same ? "SAME" : "DIFFERENT"));
        if (!same) {
            out.println("  recorded:");
        }
        print(recorded, same ? "  " : "    ");
        out.println("  prevents: " + entry.loss());
        entry.outcomes().forEach(outcome -> out.println("  outcome: " + outcome));
        if (!same) {
            out.println("  now: " + now.rule());
            print(now, "    ");
        }
        return same;
    }

    private void print(Verdict verdict, String indent) {
        out.println(indent + "because: " + verdict.because());
        verdict.rejected().forEach(r -> out.println(indent + "rejected: " + r.what() + " - " + r.why()));
        verdict.actions().forEach(action -> out.println(indent + "action: " + action));
    }

    private static Map<String, Object> object(Verdict verdict) {
        var object = new LinkedHashMap<String, Object>();
        object.put("rule", verdict.rule());
        object.put("because", verdict.because());
        object.put(
                "rejected",
                verdict.rejected().stream()
                        .map(r -> Map.of("what", r.what(), "why", r.why()))
                        .toList());
        object.put("actions", verdict.actions());
        return object;
    }

    private boolean showRepeated(JournalLines.Repeated repeated) {
        if (json) {
            out.println(JournalLines.text(repeated));
        } else {
            out.println("  ... and " + repeated.times() + " times more, until " + repeated.until());
        }
        return true;
    }

    private boolean showUnreadable(int number, JournalLines.Unreadable unreadable) {
        if (json) {
            out.println(Json.compact(Map.of("entry", number, "unreadable", unreadable.why())));
        } else {
            out.println("#" + number + "  UNREADABLE: " + unreadable.why());
        }
        return false;
    }
}
