package io.matriarch.backup.cli;

import io.matriarch.ha.config.ConfigException;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code restore} and {@code recoverable} from the shell. Exit status: 0 done, 1 the restore failed, 2 wrong usage, 3 the manager cannot be
 * reached or refuses.
 */
public final class RestoreTool {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;
    private static final int BAD_REQUEST = 400;
    private static final String HELP = """
            usage: restore --to DIR [TARGET] [--label BACKUP] [--timeline N] [--port N] [--set-aside] [--no-promote] [--dry-run]
                           [--no-wait] [-o json] [--config FILE.yml | --url URL]
                   recoverable [-o json] [--config FILE.yml | --url URL]
            DIR is an absolute path on the manager's machine that is absent or empty; --set-aside renames what is there.
            TARGET is one of: --latest (the default), --immediate (the end of the backup itself), --target-time 2026-06-15T12:00:00Z,
              --target-lsn 0/3000060, --target-name RESTORE_POINT, --target-xid XID
            --label      restore this backup; without it the newest good one before the target
            --timeline   follow the history to this timeline; without it to the newest
            --port       of the restored server on 127.0.0.1; without it any that is free
            --no-promote leave it paused at the target, open for reading
            --dry-run    show the plan and touch nothing
            A restore that was interrupted goes on when the same is asked for again.
            Without --config or --url the manager is sought at http://127.0.0.1:8008; --config also takes the credentials from the file.
            Exit status: 0 done; 1 the restore failed; 2 wrong usage; 3 the manager cannot be reached or refuses: nothing was touched.""";
    /** Options with a value, and the members of the request that they become. */
    private static final Map<String, String> TEXTS = Map.of(
            "--to", "directory",
            "--target-time", "target_time",
            "--target-lsn", "target_lsn",
            "--target-name", "target_name",
            "--label", "label");

    private static final Map<String, String> NUMBERS =
            Map.of("--target-xid", "target_xid", "--timeline", "timeline", "--port", "port");

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;

    RestoreTool(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(new RestoreTool(out, err, System.console() != null).run(List.of(args)));
    }

    private static final class Wanted {
        private final Map<String, Object> request = new LinkedHashMap<>();
        private Optional<Path> config = Optional.empty();
        private URI url = URI.create("http://127.0.0.1:8008");
        private boolean json;
        private boolean wait = true;
    }

    int run(List<String> args) {
        try {
            var wanted = read(args);
            if (wanted.isEmpty()) {
                err.println(HELP);
                return USAGE;
            }
            var manager = Manager.of(wanted.get().url, wanted.get().config);
            return args.getFirst().equals("restore")
                    ? restore(manager, wanted.get())
                    : recoverable(manager.getSlowly("/matriarch/v1/recoverable"), wanted.get());
        } catch (ConfigException e) {
            e.problems().forEach(err::println);
            return USAGE;
        } catch (InvalidPathException e) {
            err.println("not a path: " + e.getInput());
            return USAGE;
        } catch (IOException e) {
            err.println("The manager cannot be reached: " + e.getMessage()
                    + ". Name it with --url, or with --config and its configuration file.");
            return REFUSED;
        }
    }

    private Optional<Wanted> read(List<String> args) {
        if (args.isEmpty() || !List.of("restore", "recoverable").contains(args.getFirst())) {
            return Optional.empty();
        }
        boolean restore = args.getFirst().equals("restore");
        var wanted = new Wanted();
        var rest = new ArrayList<>(args.subList(1, args.size()));
        while (!rest.isEmpty()) {
            String word = rest.removeFirst();
            if (restore && flag(wanted, word)) {
                continue;
            }
            if (rest.isEmpty()
                    || !(common(wanted, word, rest.getFirst()) || restore && value(wanted, word, rest.getFirst()))) {
                if (!word.equals("--help")) {
                    err.println("not understood: " + word + (rest.isEmpty() ? "" : " " + rest.getFirst()));
                }
                return Optional.empty();
            }
            rest.removeFirst();
        }
        if (restore && !wanted.request.containsKey("directory")) {
            err.println("restore needs --to DIR");
            return Optional.empty();
        }
        return Optional.of(wanted);
    }

    private static boolean flag(Wanted wanted, String word) {
        switch (word) {
            case "--latest", "--immediate" -> wanted.request.put("target", word.substring(2));
            case "--set-aside" -> wanted.request.put("set_aside", true);
            case "--no-promote" -> wanted.request.put("promote", false);
            case "--dry-run" -> wanted.request.put("dry_run", true);
            case "--no-wait" -> wanted.wait = false;
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean common(Wanted wanted, String option, String value) {
        switch (option) {
            case "--config" -> wanted.config = Optional.of(Path.of(value));
            case "--url" -> {
                if (!value.matches("https?://[^/]+/?")) {
                    return false;
                }
                wanted.url = URI.create(value);
            }
            case "-o" -> {
                wanted.json = value.equals("json");
                return wanted.json;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean value(Wanted wanted, String option, String value) {
        if (TEXTS.containsKey(option)) {
            wanted.request.put(TEXTS.get(option), value);
            return true;
        }
        if (NUMBERS.containsKey(option) && value.matches("[0-9]{1,10}")) {
            wanted.request.put(NUMBERS.get(option), Long.valueOf(value));
            return true;
        }
        return false;
    }

    private int restore(Manager manager, Wanted wanted) throws IOException {
        var answer = manager.post("/matriarch/v1/restores", Json.compact(wanted.request));
        if (!answer.ok()) {
            if (wanted.json) {
                out.println(answer.body());
            }
            err.println(answer.problem());
            reachable(answer).forEach(line -> err.println("  reachable: " + line));
            return answer.status() == BAD_REQUEST ? USAGE : REFUSED;
        }
        var document = answer.json();
        if (wanted.request.containsKey("dry_run")) {
            if (wanted.json) {
                out.println(answer.body());
            } else {
                plan(document).forEach(out::println);
            }
            return DONE;
        }
        if (!wanted.wait) {
            out.println(
                    wanted.json
                            ? answer.body()
                            : "Job " + document.number("id").orElse(0L) + " runs; see: matriarch jobs");
            return DONE;
        }
        if (!wanted.json) {
            document.object("plan").ifPresent(p -> plan(p).forEach(err::println));
        }
        var job = new Follower(err, terminal).follow(manager, document);
        if (wanted.json) {
            out.println(Json.spaced(job.values()));
        } else {
            (Follower.isDone(job) ? out : err).println(Follower.outcome(job).replace(". ", ".\n"));
        }
        return Follower.isDone(job) ? DONE : FAILED;
    }

    private static List<String> reachable(Manager.Answer answer) {
        return Json.tryParseObject(answer.body())
                .flatMap(problem -> problem.array("reachable"))
                .orElse(List.of())
                .stream()
                .map(String::valueOf)
                .toList();
    }

    private static List<String> plan(JsonObject plan) {
        var target = plan.object("recovery_target").map(JsonObject::values).orElse(Map.of());
        var lines = new ArrayList<String>();
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("backup", plan.string("backup").orElse("")));
        rows.add(List.of("timeline", plan.string("timeline").orElse("")));
        target.forEach((name, value) -> rows.add(List.of(name.replace('_', ' '), String.valueOf(value))));
        rows.add(List.of(
                "WAL",
                plan.array("wal").map(List::size).orElse(0) + " segments, "
                        + Text.bytes(plan.number("wal_bytes").orElse(0L)) + ", to "
                        + plan.string("end_lsn").orElse("")));
        rows.add(List.of("copy", Text.bytes(plan.number("copy_bytes").orElse(0L))));
        rows.add(List.of("room needed", Text.bytes(plan.number("needed_bytes").orElse(0L))));
        plan.array("warnings").orElse(List.of()).forEach(w -> rows.add(List.of("warning", String.valueOf(w))));
        plan.array("steps")
                .map(steps ->
                        String.join(", ", steps.stream().map(String::valueOf).toList()))
                .ifPresent(steps -> rows.add(List.of("steps", steps)));
        lines.addAll(Text.table(rows));
        return lines;
    }

    private int recoverable(Manager.Answer answer, Wanted wanted) throws IOException {
        if (!answer.ok()) {
            err.println(answer.problem());
            return REFUSED;
        }
        if (wanted.json) {
            out.println(answer.body());
            return DONE;
        }
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("TL", "FROM", "LAST COMMIT", "FROM LSN", "TO LSN", "BACKUPS", "MISSING"));
        for (Object value : answer.json().array("recoverable").orElse(List.of())) {
            JsonObject.of(value)
                    .ifPresent(one -> rows.add(List.of(
                            one.number("timeline").map(String::valueOf).orElse(""),
                            Text.time(one.string("from").orElse("")),
                            one.string("to").map(Text::time).orElse("?"),
                            one.string("from_lsn").orElse(""),
                            one.string("to_lsn").orElse(""),
                            one.array("backups")
                                    .map(List::size)
                                    .map(String::valueOf)
                                    .orElse(""),
                            one.string("missing").orElse("-"))));
        }
        if (rows.size() == 1) {
            out.println("Nothing can be restored: there is no good backup. Take one with: backup");
        } else {
            Text.table(rows).forEach(out::println);
        }
        return DONE;
    }
}
