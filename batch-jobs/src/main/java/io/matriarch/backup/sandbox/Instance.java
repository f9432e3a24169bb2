package io.matriarch.backup.sandbox;

import io.matriarch.backup.base.Tied;
import io.matriarch.backup.sandbox.Programs.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** A PostgreSQL on restored data that stands apart from the cluster: it archives nothing, replicates nothing and loads nothing. */
public final class Instance {
    private static final Duration SHORT = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(150);
    private static final int LOG_LINES = 5;
    private static final long LOOK_NANOS = 50_000_000L;
    private static final Set<String> READY = Set.of("ready", "standby");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    /** What recovery must not have less of than the server that wrote the WAL: by the words of pg_controldata. */
    private static final Map<String, String> NO_LESS = Map.of(
            "max_connections", "max_connections setting",
            "max_worker_processes", "max_worker_processes setting",
            "max_wal_senders", "max_wal_senders setting",
            "max_prepared_transactions", "max_prepared_xacts setting",
            "max_locks_per_transaction", "max_locks_per_xact setting");

    private final Path data;
    private final Path home;
    private final Path socket;
    private final Programs programs;

    /**
     * @param home where it keeps its log and what it is asked
     * @param socket directory of its socket, of at most 90 characters
     */
    public Instance(Path data, Path home, Path socket, Programs programs) {
        this.data = data;
        this.home = home;
        this.socket = socket;
        this.programs = programs;
    }

    /** The server's own messages. */
    public Path log() {
        return home.resolve("log");
    }

    /**
     * Settings that keep it apart: a subscription of the restored databases would take changes from its publisher as soon as the server is
     * writable, and a preloaded library may do whatever it likes.
     */
    public String isolation() {
        return """
                unix_socket_directories = '%s'
                unix_socket_permissions = 0700
                archive_mode = off
                archive_command = ''
                primary_conninfo = ''
                synchronous_standby_names = ''
                shared_preload_libraries = ''
                max_logical_replication_workers = 0
                jit = off
                client_min_messages = error
                """.formatted(socket);
    }

    /**
     * Settings that recovery needs to be no smaller than they were on the server.
     *
     * @param seen larger values of the same settings that stand in the WAL which is to be replayed
     */
    public String noLess(Map<String, Long> seen) throws IOException {
        var text = new StringBuilder();
        var control = control();
        NO_LESS.forEach((name, words) -> {
            long recorded = number(control.getOrDefault(words, "")).orElse(0L);
            long needed = Math.max(recorded, seen.getOrDefault(name, 0L));
            if (needed > 0) {
                text.append(name).append(" = ").append(needed).append('\n');
            }
        });
        return text.toString();
    }

    /** What the control file says, by pg_controldata's words. */
    public Map<String, String> control() throws IOException {
        var facts = new LinkedHashMap<String, String>();
        var said = programs.postgres("pg_controldata", List.of("-D", data.toString()), home, SHORT)
                .must();
        said.output().lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                facts.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        });
        return facts;
    }

    /**
     * Starts it and waits until it accepts connections.
     *
     * @param options for the postmaster
     * @return what went wrong, with the end of its log; empty when it runs
     */
    public Optional<String> start(Duration bound, String options) throws IOException {
        var started = programs.postgres(
                "pg_ctl",
                List.of(
                        "start",
                        "--pgdata=" + data,
                        "--log=" + log(),
                        "--wait",
                        "--timeout=" + bound.toSeconds(),
                        "--options=" + options),
                home,
                bound.plus(SHORT));
        return started.well()
                ? Optional.empty()
                : Optional.of(started.lastWords().lines().reduce((a, b) -> b).orElse("no word") + endOfLog());
    }

    /**
     * As {@link #start}, but of a server that ends with this process and with the thread that calls this.
     *
     * @param options for the postmaster
     */
    Optional<String> startTied(Duration bound, List<String> options) throws IOException {
        var command = new ArrayList<String>();
        command.add(programs.postgres().apply(Path.of("postgres")).toString());
        command.addAll(List.of("-D", data.toString()));
        command.addAll(options);
        var server = programs.begin(Tied.End.QUIT, command, home, log());
        boolean ready = false;
        try {
            long deadline = System.nanoTime() + bound.toNanos();
            while (server.isAlive() && System.nanoTime() - deadline < 0) {
                if (isReady(server.pid())) {
                    ready = true;
                    return Optional.empty();
                }
                programs.halt().check();
                LockSupport.parkNanos(LOOK_NANOS);
            }
            return Optional.of((server.isAlive()
                            ? "it was not ready within " + bound.toSeconds() + " s"
                            : "it ended with status " + server.exitValue())
                    + endOfLog());
        } finally {
            if (!ready && server.isAlive()) {
                end(server);
            }
        }
    }

    /** As the kernel would when this process dies; its shared memory goes too. */
    private void end(Process server) throws IOException {
        var pid = Long.toString(server.pid());
        programs.forTidying().run(List.of("sh", "-c", "kill -QUIT \"$0\"", pid), home, SHORT);
        try {
            if (server.waitFor(SHORT.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.destroyForcibly();
    }

    /** Its own word, in the eighth line of its file: what pg_ctl waits for. */
    private boolean isReady(long pid) throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.isReadable(file)) {
            return false;
        }
        var lines = Files.readAllLines(file);
        return lines.size() >= 8
                && lines.getFirst().strip().equals(Long.toString(pid))
                && READY.contains(lines.get(7).strip());
    }

    /** Whether a postmaster runs on the data. */
    public boolean runs() throws IOException {
        return programs.postgres("pg_ctl", List.of("status", "--pgdata=" + data), home, SHORT)
                .well();
    }

    /** Makes it a primary of a new timeline, and waits for that. */
    public void promote(Duration bound) throws IOException {
        programs.postgres(
                        "pg_ctl",
                        List.of("promote", "--pgdata=" + data, "--wait", "--timeout=" + bound.toSeconds()),
                        home,
                        bound.plus(SHORT))
                .must();
    }

    /** Asks by psql; one line a row, columns with {@code |} between them. */
    public Ended ask(String user, String database, String script, Duration bound) throws IOException {
        Path file = home.resolve("question.sql");
        Files.writeString(file, script);
        return psql(user, database, List.of("--file=" + file), bound);
    }

    /** The same for SQL that others wrote: in it psql itself takes nothing for a command of its own. */
    public Ended askPlainly(String user, String database, List<String> statements, Duration bound) throws IOException {
        return psql(
                user,
                database,
                statements.stream().map(sql -> "--command=" + sql).toList(),
                bound);
    }

    private Ended psql(String user, String database, List<String> what, Duration bound) throws IOException {
        var arguments = new ArrayList<>(List.of(
                "--no-psqlrc",
                "--no-align",
                "--tuples-only",
                "--quiet",
                "--set=ON_ERROR_STOP=1",
                "--host=" + socket,
                "--port=" + port(),
                "--username=" + user,
                "--dbname=dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'"));
        arguments.addAll(what);
        return programs.postgres("psql", arguments, home, bound);
    }

    /** The one that it was started with: the fourth line of its own file. */
    private String port() throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.isReadable(file)) {
            throw new IOException("no PostgreSQL runs in " + data);
        }
        var lines = Files.readAllLines(file);
        if (lines.size() < 4) {
            throw new IOException(file + " does not name a port yet");
        }
        return lines.get(3).strip();
    }

    /**
     * Stops it.
     *
     * @param mode of pg_ctl: {@code fast} so that its pages can be checked, {@code immediate} when nothing of it is needed
     */
    public void stop(String mode) throws IOException {
        programs.postgres(
                        "pg_ctl",
                        List.of("stop", "--pgdata=" + data, "--mode=" + mode, "--wait", "--timeout=120"),
                        home,
                        STOP)
                .must();
    }

    /** The last messages of its log. */
    public String endOfLog() throws IOException {
        if (!Files.isReadable(log())) {
            return "";
        }
        var lines = Files.readAllLines(log());
        return "; its log ends: "
                + String.join(" | ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    private static Optional<Long> number(String text) {
        return NUMBER.matcher(text).matches() ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }
}
