package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code expire}, {@code schedules}, {@code promises}, {@code hold}, {@code release} and {@code backups rebuild}. */
final class KeepingCommands {
    static final String HELP = """
            usage: expire    [--dry-run] [-o json]  let backups go that nobody needs any more; --dry-run says of each why it stays or goes
                   schedules [-o json]              what is started when, and what became of the last runs
                   promises  [-o json]              what must not stay away unnoticed: status 1 when one is broken
                   hold      LABEL --why TEXT       keep a backup until it is released
                   release   LABEL                  no longer keep it
                   backups rebuild                  take the repository's word for what backups there are
              --url URL | --config FILE.yml
                         the manager's address, or its configuration file, which also has the credentials for commands
                         (http://127.0.0.1:8008)
            Exit status: 0 done; 1 the job failed or a promise is broken; 2 wrong usage; 3 the manager cannot be reached or refuses.""";
    static final Set<String> WORDS = Set.of("expire", "schedules", "promises", "hold", "release");

    private static final Map<String, String> WHERE = Map.of("--url", "an address", "--config", "a file");
    private static final Map<String, String> WHERE_AND_HOW =
            Map.of("--url", "an address", "--config", "a file", "-o", "json");
    private static final Map<String, String> WHERE_AND_WHY =
            Map.of("--url", "an address", "--config", "a file", "--why", "a reason for people");

    private final Shell shell;

    KeepingCommands(Shell shell) {
        this.shell = shell;
    }

    int run(String command, List<String> line) throws IOException, UsageException {
        return switch (command) {
            case "expire" -> expire(Arguments.read(line, WHERE_AND_HOW, Set.of("--dry-run")));
            case "schedules" -> schedules(Arguments.read(line, WHERE_AND_HOW, Set.of()));
            case "promises" -> promises(Arguments.read(line, WHERE_AND_HOW, Set.of()));
            case "hold" -> hold(Arguments.read(line, WHERE_AND_WHY, Set.of()));
            case "release" -> release(Arguments.read(line, WHERE, Set.of()));
            default -> throw new UsageException("unknown command " + command);
        };
    }

    private int expire(Arguments arguments) throws IOException, UsageException {
        names(0, arguments);
        boolean json = arguments.json();
        var manager = Manager.of(arguments);
        if (arguments.has("--dry-run")) {
            return shell.show(manager.get("/matriarch/v1/retention"), json, this::dryRun);
        }
        var started = manager.post("/matriarch/v1/expire");
        if (!started.ok()) {
            return shell.refused(started);
        }
        return new JobWatch(manager, shell).report(started.json(), json);
    }

    private void dryRun(JsonObject document) {
        document.string("frozen").ifPresent(why -> shell.out().println("Nothing would be deleted: " + why));
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("BACKUP", "VERDICT", "GOES AT", "BECAUSE"));
        for (var one : Text.objects(document, "backups")) {
            var reasons = one.array("reasons").orElse(List.of()).stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining("; "));
            rows.add(List.of(
                    one.string("label").orElse(""),
                    one.string("verdict").orElse(""),
                    Text.time(one.string("goes_at").orElse("")),
                    reasons));
        }
        shell.table(rows);
    }

    private int schedules(Arguments arguments) throws IOException, UsageException {
        names(0, arguments);
        return shell.show(Manager.of(arguments).get("/matriarch/v1/schedules"), arguments.json(), this::schedules);
    }

    private void schedules(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("JOB", "CRON", "ZONE", "LAST", "OUTCOME", "NEXT FIVE"));
        for (var one : Text.objects(document, "schedules")) {
            var next = one.array("next").orElse(List.of()).stream()
                    .map(slot -> Text.time(String.valueOf(slot)))
                    .collect(Collectors.joining(", "));
            rows.add(List.of(
                    one.string("job").orElse(""),
                    one.string("cron").orElse(""),
                    one.string("zone").orElse(""),
                    Text.time(one.string("last_slot").orElse("")),
                    one.string("last_outcome").orElse(""),
                    next));
        }
        shell.table(rows);
        document.array("problems")
                .orElse(List.of())
                .forEach(problem -> shell.err().println("problem: " + problem));
    }

    private int promises(Arguments arguments) throws IOException, UsageException {
        names(0, arguments);
        var answer = Manager.of(arguments).get("/matriarch/v1/promises");
        var document = Json.tryParseObject(answer.body());
        if (document.filter(d -> d.has("promises")).isEmpty()) {
            return shell.refused(answer);
        }
        if (arguments.json()) {
            shell.out().println(answer.body());
        } else {
            var rows = new ArrayList<List<String>>();
            rows.add(List.of("PROMISE", "STATE", ""));
            for (var one : Text.objects(document.get(), "promises")) {
                rows.add(List.of(
                        one.string("name").orElse(""),
                        one.string("state").orElse(""),
                        one.string("sentence").orElse("")));
            }
            shell.table(rows);
        }
        return answer.ok() ? Shell.DONE : Shell.FAILED;
    }

    private int hold(Arguments arguments) throws IOException, UsageException {
        names(1, arguments);
        var why =
                arguments.value("--why").orElseThrow(() -> new UsageException("hold needs --why: a reason for people"));
        return done(
                Manager.of(arguments).send("PUT", path(arguments), Json.compact(Map.of("why", why))),
                arguments.names().getFirst() + " is held: " + why);
    }

    private int release(Arguments arguments) throws IOException, UsageException {
        names(1, arguments);
        return done(
                Manager.of(arguments).send("DELETE", path(arguments), ""),
                arguments.names().getFirst() + " is no longer held");
    }

    private static String path(Arguments arguments) {
        return "/matriarch/v1/backups/" + URLEncoder.encode(arguments.names().getFirst(), StandardCharsets.UTF_8)
                + "/hold";
    }

    /** {@code backups rebuild}. */
    int rebuild(Arguments arguments) throws IOException, UsageException {
        return shell.show(Manager.of(arguments).post("/matriarch/v1/backups/rebuild"), arguments.json(), document -> {
            var forgotten = document.array("forgotten").orElse(List.of());
            shell.out()
                    .println("The catalogue in etcd is what the repository holds"
                            + (forgotten.isEmpty()
                                    ? "."
                                    : "; forgotten: "
                                            + forgotten.stream()
                                                    .map(String::valueOf)
                                                    .collect(Collectors.joining(", "))));
        });
    }

    private int done(Manager.Answer answer, String sentence) {
        if (!answer.ok()) {
            return shell.refused(answer);
        }
        shell.out().println(sentence);
        return Shell.DONE;
    }

    private static void names(int wanted, Arguments arguments) throws UsageException {
        if (arguments.names().size() != wanted) {
            throw new UsageException(
                    wanted == 0 ? "too much: " + String.join(" ", arguments.names()) : "one label is needed");
        }
    }
}
