package io.matriarch.backup.cli;

import io.matriarch.ha.config.ConfigException;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
            usage: backup  [--config FILE.yml | --url URL] [--no-wait]
                   verify  [--config FILE.yml | --url URL] [--no-wait] [LABEL]
                   backups [--config FILE.yml | --url URL] [-o json]
                   jobs    [--config FILE.yml | --url URL] [-o json]
            Without either the manager is sought at http://127.0.0.1:8008; --config also takes the credentials for commands from the file.""";

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

    /** What the arguments say. */
    private static final class Wanted {
        private Optional<Path> config = Optional.empty();
        private URI url = URI.create("http://127.0.0.1:8008");
        private boolean json;
        private boolean wait = true;
        private final List<String> names = new ArrayList<>();
    }

    int run(List<String> args) {
        try {
            var wanted = read(args);
            if (wanted.isEmpty()) {
                err.println(HELP);
                return USAGE;
            }
            var manager = manager(wanted.get());
            return switch (args.getFirst()) {
                case "backup" -> job(manager, "/matriarch/v1/backups", wanted.get());
                case "verify" -> {
                    var label = wanted.get().names.isEmpty()
                            ? "newest"
                            : wanted.get().names.getFirst();
                    yield job(manager, "/matriarch/v1/backups/" + label + "/verify", wanted.get());
                }
                case "backups" -> list(manager.get("/matriarch/v1/backups"), wanted.get(), this::backups);
                default -> list(manager.get("/matriarch/v1/jobs"), wanted.get(), this::jobs);
            };
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

    private static Optional<Wanted> read(List<String> args) {
        if (args.isEmpty() || !List.of("backup", "verify", "backups", "jobs").contains(args.getFirst())) {
            return Optional.empty();
        }
        var wanted = new Wanted();
        var rest = new ArrayList<>(args.subList(1, args.size()));
        while (!rest.isEmpty()) {
            String word = rest.removeFirst();
            switch (word) {
                case "--no-wait" -> wanted.wait = false;
                case "--config", "--url", "-o" -> {
                    if (rest.isEmpty() || !take(wanted, word, rest.removeFirst())) {
                        return Optional.empty();
                    }
                }
                default -> {
                    if (word.startsWith("-") || !args.getFirst().equals("verify") || !wanted.names.isEmpty()) {
                        return Optional.empty();
                    }
                    wanted.names.add(word);
                }
            }
        }
        return Optional.of(wanted);
    }

    private static boolean take(Wanted wanted, String option, String value) {
        switch (option) {
            case "--config" -> wanted.config = Optional.of(Path.of(value));
            case "--url" -> {
                if (!value.matches("https?://[^/]+/?")) {
                    return false;
                }
                wanted.url = URI.create(value);
            }
            default -> {
                wanted.json = value.equals("json");
                return wanted.json;
            }
        }
        return true;
    }

    private static Manager manager(Wanted wanted) {
        return Manager.of(wanted.url, wanted.config);
    }

    private int job(Manager manager, String path, Wanted wanted) throws IOException {
        var started = manager.post(path);
        if (!started.ok()) {
            err.println(started.problem());
            return REFUSED;
        }
        var job = started.json();
        long id = job.number("id").orElseThrow(() -> new IOException("the answer names no job: " + started.body()));
        if (!wanted.wait) {
            out.println("Job " + id + " runs; see: jobs");
            return DONE;
        }
        job = new Follower(err, terminal).follow(manager, job);
        boolean done = Follower.isDone(job);
        (done ? out : err).println(Follower.outcome(job));
        return done ? DONE : FAILED;
    }

    private int list(Manager.Answer answer, Wanted wanted, Function<JsonObject, List<List<String>>> table)
            throws IOException {
        if (!answer.ok()) {
            err.println(answer.problem());
            return REFUSED;
        }
        if (wanted.json) {
            out.println(answer.body());
        } else {
            Text.table(table.apply(answer.json())).forEach(out::println);
        }
        return DONE;
    }

    private List<List<String>> backups(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("BACKUP", "STATE", "FINISHED", "FROM", "TL", "SIZE", "FORMAT", "RESTORES IN", "WHY"));
        for (var one : objects(document, "backups")) {
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

    private List<List<String>> jobs(JsonObject document) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("ID", "JOB", "STATE", "STARTED", "ENDED", "OUTCOME"));
        for (var one : objects(document, "jobs")) {
            rows.add(List.of(
                    one.number("id").map(String::valueOf).orElse(""),
                    text(one, "job"),
                    text(one, "state"),
                    Text.time(text(one, "started_at")),
                    Text.time(text(one, "ended_at")),
                    one.object("progress").map(p -> Text.progress(one)).orElse(text(one, "outcome"))));
        }
        return rows;
    }

    private static List<JsonObject> objects(JsonObject document, String key) {
        return document.array(key).orElse(List.of()).stream()
                .flatMap(value -> JsonObject.of(value).stream())
                .toList();
    }

    private static String text(JsonObject object, String key) {
        return object.string(key).orElse("");
    }
}
