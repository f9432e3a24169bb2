package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code backup}, {@code backups}, {@code verify} and {@code jobs} from the shell. Exit status: 0 done, 1 the job failed, 2 wrong usage, 3 the
 * manager cannot be reached or refuses.
 */
public final class BackupTool {
    private static final String HELP = """
            usage: backup  [--incremental] [--no-wait] [-o json]
                                                take a base backup and prove it; --incremental: of what changed since the last one
                   verify  [--no-wait] [-o json] [--replay consistency|random|TIME] [LABEL]
                                                prove a backup by a restore in a sandbox; the newest unless named
                   backups [--limit N] [--before LABEL] [-o json]
                                                list the backups, the newest 100 unless told
                   backups rebuild              take the repository's word for what backups there are
                   jobs    ...                  list and steer the jobs: see jobs --help
                   expire, schedules, promises, hold, release
                                                what is kept, when, and what is broken: see expire --help
              --no-wait  start the job and do not follow it
              --url URL | --config FILE.yml
                         the manager's address, or its configuration file, which also has the credentials for commands
                         (http://127.0.0.1:8008)
            Exit status: 0 done; 1 the job failed; 2 wrong usage; 3 the manager cannot be reached or refuses.""";
    private static final Map<String, String> WHERE_HOW_AND_UP_TO = Map.of(
            "--url", "an address",
            "--config", "a file",
            "-o", "json",
            "--replay", "consistency, random, or a moment in UTC");
    private static final Map<String, String> WHERE_HOW_AND_WHICH = Map.of(
            "--url", "an address", "--config", "a file", "-o", "json", "--limit", "a number", "--before", "a label");
    private static final Map<String, String> WHERE_AND_HOW =
            Map.of("--url", "an address", "--config", "a file", "-o", "json");

    private final Shell shell;

    BackupTool(Shell shell) {
        this.shell = shell;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        System.exit(new BackupTool(Shell.ofProcess()).run(List.of(args)));
    }

    int run(List<String> args) {
        return shell.run(args, help(args.isEmpty() ? "" : args.getFirst()), () -> command(args));
    }

    private static String help(String command) {
        return command.equals("jobs")
                ? JobCommands.help()
                : KeepingCommands.WORDS.contains(command) ? KeepingCommands.HELP : HELP;
    }

    private int command(List<String> args) throws IOException, UsageException {
        var command = args.isEmpty() ? "" : args.getFirst();
        var rest = args.isEmpty() ? args : args.subList(1, args.size());
        return switch (command) {
            case "backup" -> {
                var arguments = Arguments.read(rest, WHERE_AND_HOW, Set.of("--no-wait", "--incremental"));
                atMost(0, arguments);
                yield job(
                        "/matriarch/v1/backups" + (arguments.has("--incremental") ? "?incremental=true" : ""),
                        arguments);
            }
            case "verify" -> {
                var arguments = Arguments.read(rest, WHERE_HOW_AND_UP_TO, Set.of("--no-wait"));
                atMost(1, arguments);
                var label = arguments.names().isEmpty()
                        ? "newest"
                        : arguments.names().getFirst();
                var replay = arguments
                        .value("--replay")
                        .map(upTo -> "?replay=" + URLEncoder.encode(upTo, StandardCharsets.UTF_8))
                        .orElse("");
                yield job(
                        "/matriarch/v1/backups/" + URLEncoder.encode(label, StandardCharsets.UTF_8) + "/verify"
                                + replay,
                        arguments);
            }
            case "backups" -> {
                var arguments = Arguments.read(rest, WHERE_HOW_AND_WHICH, Set.of());
                boolean json = arguments.json();
                if (arguments.names().equals(List.of("rebuild"))) {
                    yield new KeepingCommands(shell).rebuild(arguments);
                }
                atMost(0, arguments);
                yield shell.show(
                        Manager.of(arguments).get("/matriarch/v1/backups" + arguments.query("--limit", "--before")),
                        json,
                        this::list);
            }
            case "jobs" -> new JobCommands(shell).run(rest);
            default -> {
                if (KeepingCommands.WORDS.contains(command)) {
                    yield new KeepingCommands(shell).run(command, rest);
                }
                throw new UsageException(
                        "a command is needed: backup, verify, backups, jobs, expire, schedules, promises, hold or release");
            }
        };
    }

    private static void atMost(int names, Arguments arguments) throws UsageException {
        if (arguments.names().size() > names) {
            throw new UsageException("too much: " + String.join(" ", arguments.names()));
        }
    }

    private int job(String path, Arguments arguments) throws IOException, UsageException {
        boolean json = arguments.json();
        var manager = Manager.of(arguments);
        var started = manager.post(path);
        if (!started.ok()) {
            return shell.refused(started);
        }
        var job = started.json();
        if (arguments.has("--no-wait")) {
            return shell.started(started, json);
        }
        return new JobWatch(manager, shell).report(job, json);
    }

    private void list(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of(
                "BACKUP",
                "KIND",
                "STATE",
                "FINISHED",
                "FROM",
                "TL",
                "SIZE",
                "FORMAT",
                "LEVEL",
                "RTO",
                "BUILDS ON",
                "WHY"));
        for (var one : Text.objects(document, "backups")) {
            rows.add(List.of(
                    text(one, "label"),
                    one.has("parent") ? "incr" : "full",
                    text(one, "state"),
                    Text.time(text(one, "stopped_at")),
                    text(one, "source"),
                    one.number("timeline").map(String::valueOf).orElse(""),
                    Text.bytes(one.number("bytes").orElse(0L)),
                    text(one, "format"),
                    one.string("level").orElse("?"),
                    one.number("restore_seconds").map(s -> s + " s").orElse("?"),
                    text(one, "parent"),
                    text(one, "why")
                            + one.string("note")
                                    .map(note -> "; full, since " + note)
                                    .orElse("")));
        }
        if (rows.size() == 1) {
            shell.out().println("There is no backup yet. Take one with: backup");
            return;
        }
        shell.table(rows);
        shell.more(document, rows.getLast().getFirst());
    }

    private static String text(JsonObject object, String key) {
        return object.string(key).orElse("");
    }
}
