package io.matriarch.backup.cli;

import io.matriarch.backup.Job;
import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code jobs}: what ran and runs on the manager, and what shall become of it. */
final class JobCommands {
    private static final String HELP = """
            usage: jobs [--job NAME] [--state STATE,...] [--limit N] [--before ID] [-o json]
                                        list executions, the newest first
                   jobs ID [-o json]    one execution with its parameters and steps
                   jobs watch ID        follow it to its end, with its progress
                   jobs stop ID         ask it to end, leave nothing half done, and wait for that
                   jobs restart ID      try again what failed or was stopped, and follow it
                   jobs abandon ID      say that it shall not be restarted
              --job      %s
              --state    RUNNING, STOPPING, COMPLETED, STOPPED, FAILED, ABANDONED
              --limit    1 to 200 (20)
              --before   only executions with a smaller id: the next page
              --no-wait  with stop and restart: do not wait for the end
              -o json    for programs, also behind watch, stop, restart and abandon
              --url URL | --config FILE.yml
                         the manager's address, or its configuration file, which also has the credentials for commands
                         (http://127.0.0.1:8008)
            Exit status: 0 done; 1 the job failed, or did not end as asked; 2 wrong usage; 3 the manager cannot be reached or refuses.""";

    private static final String PATH = "/matriarch/v1/jobs";
    private static final Set<String> ACTIONS = Set.of("watch", "stop", "restart", "abandon");
    private static final Map<String, String> VALUED = Map.of(
            "--job", "the name of a job",
            "--state", "a state",
            "--limit", "a number",
            "--before", "an id",
            "-o", "json",
            "--url", "an address",
            "--config", "a file");

    private final Shell shell;

    JobCommands(Shell shell) {
        this.shell = shell;
    }

    static String help() {
        return HELP.formatted(Job.words());
    }

    /** Runs what stands behind {@code jobs}. */
    int run(List<String> line) throws IOException, UsageException {
        var arguments = Arguments.read(line, VALUED, Set.of("--no-wait"));
        var names = new ArrayList<>(arguments.names());
        var action = names.isEmpty() || !ACTIONS.contains(names.getFirst())
                ? Optional.<String>empty()
                : Optional.of(names.removeFirst());
        if (names.size() > 1 || action.isPresent() && names.isEmpty()) {
            throw new UsageException(action.map(a -> a + " needs the id of one execution")
                    .orElseGet(() -> "one id, or one of watch, stop, restart and abandon before it: " + names));
        }
        if (!names.isEmpty() && !names.getFirst().matches("[0-9]{1,18}")) {
            throw new UsageException("\"" + names.getFirst() + "\" is no id of an execution: those are numbers");
        }
        var manager = Manager.of(arguments);
        boolean json = arguments.json();
        if (names.isEmpty()) {
            return shell.show(
                    manager.get(PATH + arguments.query("--limit", "--before", "--job", "--state")), json, this::list);
        }
        var one = PATH + "/" + names.getFirst();
        return action.isEmpty()
                ? shell.show(manager.get(one), json, this::details)
                : act(manager, one, action.get(), arguments);
    }

    private int act(Manager manager, String one, String action, Arguments arguments)
            throws IOException, UsageException {
        boolean json = arguments.json();
        boolean watch = action.equals("watch");
        var answer = watch ? manager.get(one) : manager.post(one + "/" + action);
        if (!answer.ok()) {
            return shell.refused(answer);
        }
        var job = answer.json();
        var following = new JobWatch(manager, shell);
        if (action.equals("abandon") || arguments.has("--no-wait") && !watch) {
            if (json) {
                shell.out().println(answer.body());
                return Shell.DONE;
            }
            shell.out()
                    .println("Execution " + job.number("id").orElse(0L) + " of " + text(job, "job") + " is "
                            + text(job, "state"));
            return Shell.DONE;
        }
        if (!action.equals("stop")) {
            return following.report(job, json);
        }
        var ended = following.toItsEnd(job);
        boolean stopped = ended.string("state").filter("STOPPED"::equals).isPresent();
        var words = text(ended, "state")
                + ended.string("outcome").map(o -> ": " + o).orElse("");
        return shell.ended(ended, json, stopped, words);
    }

    private void list(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("ID", "JOB", "STATE", "STARTED", "ENDED", "OUTCOME"));
        for (var one : Text.objects(document, "jobs")) {
            rows.add(List.of(
                    one.number("id").map(String::valueOf).orElse(""),
                    text(one, "job"),
                    text(one, "state"),
                    Text.time(text(one, "started_at")),
                    Text.time(text(one, "ended_at")),
                    one.object("progress").map(p -> Text.progress(one)).orElse(text(one, "outcome"))));
        }
        if (rows.size() == 1) {
            shell.out().println("No job has run.");
            return;
        }
        shell.table(rows);
        shell.more(document, rows.getLast().getFirst());
    }

    private void details(JsonObject job) {
        var facts = new ArrayList<List<String>>();
        facts.add(List.of("execution", job.number("id").map(String::valueOf).orElse("")));
        facts.add(List.of("job", text(job, "job")));
        facts.add(List.of("state", text(job, "state")));
        facts.add(List.of("started", Text.time(text(job, "started_at"))));
        job.string("ended_at").ifPresent(at -> facts.add(List.of("ended", Text.time(at))));
        job.object("progress").ifPresent(p -> facts.add(List.of("now", Text.progress(job))));
        job.string("outcome").ifPresent(text -> facts.add(List.of("outcome", text)));
        job.object("parameters")
                .ifPresent(parameters -> parameters.values().keySet().stream()
                        .sorted()
                        .forEach(name ->
                                facts.add(List.of(name, parameters.string(name).orElse("")))));
        shell.table(facts);
        var steps = new ArrayList<List<String>>();
        steps.add(List.of("STEP", "STATE", "STARTED", "ENDED", "OUTCOME"));
        for (var step : Text.objects(job, "steps")) {
            steps.add(List.of(
                    text(step, "name"),
                    text(step, "state"),
                    Text.time(text(step, "started_at")),
                    Text.time(text(step, "ended_at")),
                    text(step, "outcome")));
        }
        shell.out().println();
        shell.table(steps);
    }

    private static String text(JsonObject object, String key) {
        return object.string(key).orElse("");
    }
}
