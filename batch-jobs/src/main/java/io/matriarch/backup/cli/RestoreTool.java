package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code restore} and {@code recoverable} from the shell. Exit status: 0 done, 1 the restore failed, 2 wrong usage, 3 the manager cannot be
 * reached or refuses.
 */
public final class RestoreTool {
    private static final int BAD_REQUEST = 400;
    private static final String HELP = """
            usage: restore --to DIR [--on MEMBER] [TARGET] [--label BACKUP] [--timeline N] [--port N] [--set-aside] [--no-promote]
                           [--dry-run] [--no-wait] [-o json] [--config FILE.yml | --url URL]
                   recoverable [-o json] [--config FILE.yml | --url URL]
            DIR is an absolute path on the elected manager's machine that is absent or empty; --set-aside renames what is there.
            --on         restore on the machine of this member instead, beside its PostgreSQL
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
            "--on", "member",
            "--target-time", "target_time",
            "--target-lsn", "target_lsn",
            "--target-name", "target_name",
            "--label", "label");

    private static final Map<String, String> NUMBERS =
            Map.of("--target-xid", "target_xid", "--timeline", "timeline", "--port", "port");

    private static final Set<String> FLAGS =
            Set.of("--latest", "--immediate", "--set-aside", "--no-promote", "--dry-run", "--no-wait");
    private static final Map<String, String> WHERE = Map.of("--url", "an address", "--config", "a file", "-o", "json");
    private static final Map<String, String> RESTORE = Map.ofEntries(
            Map.entry("--to", "an absolute path on the machine"),
            Map.entry("--on", "the name of a member"),
            Map.entry("--target-time", "a time with its zone"),
            Map.entry("--target-lsn", "a position in the WAL"),
            Map.entry("--target-name", "the name of a restore point"),
            Map.entry("--target-xid", "the number of a transaction"),
            Map.entry("--label", "the label of a backup"),
            Map.entry("--timeline", "its number"),
            Map.entry("--port", "a port"),
            Map.entry("--url", "an address"),
            Map.entry("--config", "a file"),
            Map.entry("-o", "json"));

    private final Shell shell;

    RestoreTool(Shell shell) {
        this.shell = shell;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        System.exit(new RestoreTool(Shell.ofProcess()).run(List.of(args)));
    }

    int run(List<String> args) {
        return shell.run(args, HELP, () -> command(args));
    }

    private int command(List<String> args) throws IOException, UsageException {
        var rest = args.isEmpty() ? args : args.subList(1, args.size());
        return switch (args.isEmpty() ? "" : args.getFirst()) {
            case "restore" -> restore(Arguments.read(rest, RESTORE, FLAGS));
            case "recoverable" -> {
                var arguments = Arguments.read(rest, WHERE, Set.of());
                boolean json = arguments.json();
                yield shell.show(Manager.of(arguments).getSlowly("/matriarch/v1/recoverable"), json, this::recoverable);
            }
            default -> throw new UsageException("a command is needed: restore or recoverable");
        };
    }

    private static Map<String, Object> request(Arguments arguments) throws UsageException {
        if (!arguments.names().isEmpty()) {
            throw new UsageException("too much: " + String.join(" ", arguments.names()));
        }
        if (arguments.value("--to").isEmpty()) {
            throw new UsageException("restore needs --to: " + RESTORE.get("--to"));
        }
        if (arguments.has("--latest") && arguments.has("--immediate")) {
            throw new UsageException("either --latest or --immediate, not both");
        }
        Map<String, Object> request = new LinkedHashMap<>();
        for (var option : TEXTS.entrySet()) {
            arguments.value(option.getKey()).ifPresent(value -> request.put(option.getValue(), value));
        }
        for (var option : NUMBERS.entrySet()) {
            var value = arguments.value(option.getKey());
            if (value.filter(v -> !v.matches("[0-9]{1,10}")).isPresent()) {
                throw new UsageException(option.getKey() + " is \"" + value.get() + "\"; allowed: a whole number");
            }
            value.ifPresent(v -> request.put(option.getValue(), Long.valueOf(v)));
        }
        for (String word : List.of("latest", "immediate")) {
            if (arguments.has("--" + word)) {
                request.put("target", word);
            }
        }
        if (arguments.has("--set-aside")) {
            request.put("set_aside", true);
        }
        if (arguments.has("--no-promote")) {
            request.put("promote", false);
        }
        if (arguments.has("--dry-run")) {
            request.put("dry_run", true);
        }
        return request;
    }

    private int restore(Arguments arguments) throws IOException, UsageException {
        var request = request(arguments);
        boolean json = arguments.json();
        var manager = Manager.of(arguments);
        var answer = manager.postSlowly("/matriarch/v1/restores", Json.compact(request));
        if (!answer.ok()) {
            if (json) {
                shell.out().println(answer.body());
            }
            shell.err().println(answer.problem());
            reachable(answer).forEach(line -> shell.err().println("  reachable: " + line));
            return answer.status() == BAD_REQUEST ? Shell.USAGE : Shell.REFUSED;
        }
        var document = answer.json();
        if (arguments.has("--dry-run")) {
            (json ? List.of(answer.body()) : plan(document)).forEach(shell.out()::println);
            return Shell.DONE;
        }
        if (arguments.has("--no-wait")) {
            return shell.started(answer, json);
        }
        if (!json) {
            document.object("plan").ifPresent(p -> plan(p).forEach(shell.err()::println));
        }
        var job = new JobWatch(manager, shell).toItsEnd(document);
        var state = job.string("state").orElse("");
        var words = job.string("outcome").orElse(state).replace(". ", ".\n");
        return shell.ended(job, json, state.equals("COMPLETED"), words);
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
        plan.string("member").ifPresent(member -> rows.add(List.of("on", member)));
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

    private void recoverable(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("TL", "FROM", "LAST COMMIT", "FROM LSN", "TO LSN", "BACKUPS", "MISSING"));
        for (Object value : document.array("recoverable").orElse(List.of())) {
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
            shell.out().println("Nothing can be restored: there is no good backup. Take one with: backup");
        } else {
            shell.table(rows);
        }
    }
}
