package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code wal} from the shell: how far the WAL stream is, and the proof that it left no hole. Exit status: 0 all is well, 1 the stream does not
 * run or WAL lacks, 2 wrong usage, 3 the manager cannot be reached or refuses.
 */
public final class WalTool {
    private static final String HELP = """
            usage: wal [check] [--config FILE.yml | --url URL] [-o json]
            Shows how far the WAL stream is; check proves that no WAL lacks between the oldest backup and the present.
            Without either the manager is sought at http://127.0.0.1:8008; --config also takes the credentials for commands from the file.""";
    private static final Map<String, String> WHERE = Map.of("--url", "an address", "--config", "a file", "-o", "json");
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
            Map.entry("rpo_seconds", "RPO in seconds"),
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
            "rpo_seconds",
            "gap");

    private final Shell shell;

    WalTool(Shell shell) {
        this.shell = shell;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        System.exit(new WalTool(Shell.ofProcess()).run(List.of(args)));
    }

    int run(List<String> args) {
        return shell.run(args, HELP, () -> command(Arguments.read(args, WHERE, Set.of())));
    }

    private int command(Arguments arguments) throws IOException, UsageException {
        boolean json = arguments.json();
        var manager = Manager.of(arguments);
        if (arguments.names().equals(List.of("check"))) {
            return check(manager, json);
        }
        if (!arguments.names().isEmpty()) {
            throw new UsageException("only check can stand behind wal, not " + String.join(" ", arguments.names()));
        }
        return show(manager.get("/matriarch/v1/wal"), json);
    }

    private int show(Manager.Answer answer, boolean json) throws IOException {
        int shown = shell.show(answer, json, this::lines);
        if (shown != Shell.DONE) {
            return shown;
        }
        var status = answer.json();
        boolean well = status.string("state").filter("STREAMING"::equals).isPresent() && !status.has("gap");
        return well ? Shell.DONE : Shell.FAILED;
    }

    private void lines(JsonObject status) {
        var rows = new ArrayList<List<String>>();
        for (String key : ORDER) {
            value(status, key)
                    .ifPresent(value -> rows.add(List.of(
                            LINES.getOrDefault(key, key), key.equals("last_stored_at") ? Text.time(value) : value)));
        }
        shell.table(rows);
    }

    private static Optional<String> value(JsonObject status, String key) {
        return status.string(key).or(() -> status.number(key).map(String::valueOf));
    }

    private int check(Manager manager, boolean json) throws IOException {
        var started = manager.post("/matriarch/v1/wal/check");
        return started.ok() ? new JobWatch(manager, shell).report(started.json(), json) : shell.refused(started);
    }
}
