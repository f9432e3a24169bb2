package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.config.ConfigException;
import io.matriarch.ha.json.JsonObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code backup}, {@code backups}, {@code verify} and {@code jobs} from the shell. Exit status: 0 done, 1 the job failed, 2 wrong usage, 3 the
 * manager cannot be reached or refuses.
 */
public final class BackupTool {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;
    private static final String HELP = """
            usage: backup  [--no-wait]          take a base backup and prove it
                   verify  [--no-wait] [LABEL]  prove a backup by a restore in a sandbox; the newest unless named
                   backups [-o json]            list the backups; "backups rebuild" takes the repository's word for them
                   jobs    ...                  list and steer the jobs: see jobs --help
                   expire, schedules, promises, hold, release
                                                what is kept, when, and what is broken: see expire --help
              --no-wait  start the job and do not follow it
              --url URL | --config FILE.yml
                         the manager's address, or its configuration file, which also has the credentials for commands
                         (http://127.0.0.1:8008)
            Exit status: 0 done; 1 the job failed; 2 wrong usage; 3 the manager cannot be reached or refuses.""";
    private static final Map<String, String> WHERE = Map.of("--url", "an address", "--config", "a file");
    private static final Map<String, String> WHERE_AND_HOW =
            Map.of("--url", "an address", "--config", "a file", "-o", "json");

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;

    BackupTool(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(new BackupTool(out, err, System.console() != null).run(List.of(args)));
    }

    int run(List<String> args) {
        var help = help(args.isEmpty() ? "" : args.getFirst());
        if (args.contains("--help") || args.contains("-h")) {
            out.println(help);
            return DONE;
        }
        try {
            return command(args);
        } catch (UsageException e) {
            err.println(e.getMessage());
            err.println(help);
            return USAGE;
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

    private static String help(String command) {
        return command.equals("jobs")
                ? JobCommands.HELP
                : KeepingCommands.WORDS.contains(command) ? KeepingCommands.HELP : HELP;
    }

    private int command(List<String> args) throws IOException, UsageException {
        var command = args.isEmpty() ? "" : args.getFirst();
        var rest = args.isEmpty() ? args : args.subList(1, args.size());
        return switch (command) {
            case "backup" -> {
                var arguments = Arguments.read(rest, WHERE, Set.of("--no-wait"));
                atMost(0, arguments);
                yield job("/matriarch/v1/backups", arguments);
            }
            case "verify" -> {
                var arguments = Arguments.read(rest, WHERE, Set.of("--no-wait"));
                atMost(1, arguments);
                var label = arguments.names().isEmpty()
                        ? "newest"
                        : arguments.names().getFirst();
                yield job(
                        "/matriarch/v1/backups/" + URLEncoder.encode(label, StandardCharsets.UTF_8) + "/verify",
                        arguments);
            }
            case "backups" -> {
                var arguments = Arguments.read(rest, WHERE_AND_HOW, Set.of());
                boolean json = arguments.json();
                if (arguments.names().equals(List.of("rebuild"))) {
                    yield new KeepingCommands(out, err, terminal).rebuild(arguments);
                }
                atMost(0, arguments);
                yield backups(Manager.of(arguments).get("/matriarch/v1/backups"), json);
            }
            case "jobs" -> new JobCommands(out, err, terminal).run(rest);
            case "expire", "schedules", "promises", "hold", "release" ->
                new KeepingCommands(out, err, terminal).run(command, rest);
            default ->
                throw new UsageException(
                        "a command is needed: backup, verify, backups, jobs, expire, schedules, promises, hold or release");
        };
    }

    private static void atMost(int names, Arguments arguments) throws UsageException {
        if (arguments.names().size() > names) {
            throw new UsageException("too much: " + String.join(" ", arguments.names()));
        }
    }

    private int job(String path, Arguments arguments) throws IOException, UsageException {
        var manager = Manager.of(arguments);
        var started = manager.post(path);
        if (!started.ok()) {
            err.println(started.problem());
            return REFUSED;
        }
        var job = started.json();
        if (arguments.has("--no-wait")) {
            out.println("Job " + job.number("id").map(String::valueOf).orElse("?") + " runs; see: jobs");
            return DONE;
        }
        return new JobWatch(manager, out, err, terminal).report(job);
    }

    private int backups(Manager.Answer answer, boolean json) throws IOException {
        if (!answer.ok()) {
            err.println(answer.problem());
            return REFUSED;
        }
        if (json) {
            out.println(answer.body());
        } else {
            Text.table(backups(answer.json())).forEach(out::println);
        }
        return DONE;
    }

    private static List<List<String>> backups(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("BACKUP", "STATE", "FINISHED", "FROM", "TL", "SIZE", "FORMAT", "RESTORES IN", "WHY"));
        for (var one : Text.objects(document, "backups")) {
            rows.add(List.of(
                    text(one, "label"),
                    text(one, "state"),
                    Text.time(text(one, "stopped_at")),
                    text(one, "source"),
                    one.number("timeline").map(String::valueOf).orElse(""),
                    Text.bytes(one.number("bytes").orElse(0L)),
                    text(one, "format"),
                    one.number("restore_seconds").map(s -> s + " s").orElse("?"),
                    text(one, "why")));
        }
        return rows.size() == 1 ? List.of(List.of("There is no backup yet. Take one with: backup")) : rows;
    }

    private static String text(JsonObject object, String key) {
        return object.string(key).orElse("");
    }
}
