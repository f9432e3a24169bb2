package io.matriarch.backup.cli;

import io.matriarch.ha.config.ConfigException;
import io.matriarch.ha.config.ConfigLoader;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code wal} from the shell: how far the WAL stream is, and the proof that it left no hole. Exit status: 0 all is well, 1 the stream does not
 * run or WAL lacks, 2 wrong usage, 3 the manager cannot be reached or refuses.
 */
public final class WalTool {
    private static final String HELP = """
            usage: wal [check] [--config FILE.yml | --url URL] [-o json]
            Shows how far the WAL stream is; check proves that no WAL lacks between the oldest backup and the present.
            Without either the manager is sought at http://127.0.0.1:8008; --config also takes the credentials for commands from the file.""";
    private static final long LOOK_NANOS = 300_000_000L;
    private static final Map<String, String> LINES = Map.ofEntries(
            Map.entry("state", "state"),
            Map.entry("why", "why"),
            Map.entry("member", "from"),
            Map.entry("timeline", "timeline"),
            Map.entry("server_lsn", "server at"),
            Map.entry("received_lsn", "received"),
            Map.entry("durable_lsn", "in the repository"),
            Map.entry("last_segment", "last segment"),
            Map.entry("last_stored_at", "stored at"),
            Map.entry("gap", "GAP"));
    private static final List<String> ORDER = List.of(
            "state",
            "why",
            "member",
            "timeline",
            "server_lsn",
            "received_lsn",
            "durable_lsn",
            "last_segment",
            "last_stored_at",
            "gap");

    private final PrintStream out;
    private final PrintStream err;

    WalTool(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(new WalTool(out, err).run(List.of(args)));
    }

    /** What the arguments say. */
    private record Wanted(Manager manager, boolean json, boolean check) {}

    int run(List<String> args) {
        try {
            var wanted = read(args);
            if (wanted.isEmpty()) {
                err.println(HELP);
                return BackupTool.USAGE;
            }
            return wanted.get().check() ? check(wanted.get().manager()) : show(wanted.get());
        } catch (ConfigException e) {
            e.problems().forEach(err::println);
            return BackupTool.USAGE;
        } catch (InvalidPathException e) {
            err.println("not a path: " + e.getInput());
            return BackupTool.USAGE;
        } catch (IOException e) {
            err.println("The manager cannot be reached: " + e.getMessage()
                    + ". Name it with --url, or with --config and its configuration file.");
            return BackupTool.REFUSED;
        }
    }

    private static Optional<Wanted> read(List<String> args) {
        var manager = new Manager(URI.create("http://127.0.0.1:8008"), Optional.empty());
        boolean json = false;
        boolean check = false;
        var rest = new ArrayList<>(args);
        while (!rest.isEmpty()) {
            String word = rest.removeFirst();
            if (word.equals("check") && !check) {
                check = true;
            } else if (!List.of("--config", "--url", "-o").contains(word) || rest.isEmpty()) {
                return Optional.empty();
            } else {
                String value = rest.removeFirst();
                if (word.equals("--config")) {
                    var config = ConfigLoader.ofProcess().load(Path.of(value)).config();
                    manager = new Manager(
                            URI.create(config.restapi().apiUrl()),
                            config.restapi().authentication());
                } else if (word.equals("--url") && value.matches("https?://[^/]+/?")) {
                    manager = new Manager(URI.create(value), Optional.empty());
                } else if (word.equals("-o") && value.equals("json")) {
                    json = true;
                } else {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new Wanted(manager, json, check));
    }

    private int show(Wanted wanted) throws IOException {
        var answer = wanted.manager().get("/matriarch/v1/wal");
        if (!answer.ok()) {
            err.println(answer.problem());
            return BackupTool.REFUSED;
        }
        var status = answer.json();
        if (wanted.json()) {
            out.println(answer.body());
        } else {
            var rows = new ArrayList<List<String>>();
            for (String key : ORDER) {
                value(status, key)
                        .ifPresent(value -> rows.add(List.of(
                                LINES.getOrDefault(key, key),
                                key.equals("last_stored_at") ? Text.time(value) : value)));
            }
            Text.table(rows).forEach(out::println);
        }
        boolean well = status.string("state").filter("STREAMING"::equals).isPresent() && !status.has("gap");
        return well ? BackupTool.DONE : BackupTool.FAILED;
    }

    private static Optional<String> value(JsonObject status, String key) {
        return status.string(key).or(() -> status.number(key).map(String::valueOf));
    }

    private int check(Manager manager) throws IOException {
        var started = manager.post("/matriarch/v1/wal/check");
        if (!started.ok()) {
            err.println(started.problem());
            return BackupTool.REFUSED;
        }
        var job = started.json();
        long id = job.number("id").orElseThrow(() -> new IOException("the answer names no job: " + started.body()));
        while (job.string("state").filter("RUNNING"::equals).isPresent()) {
            LockSupport.parkNanos(LOOK_NANOS);
            job = manager.get("/matriarch/v1/jobs/" + id).json();
        }
        boolean done = job.string("state").filter("COMPLETED"::equals).isPresent();
        (done ? out : err)
                .println(job.string("outcome").orElse(job.string("state").orElse("")));
        return done ? BackupTool.DONE : BackupTool.FAILED;
    }
}
