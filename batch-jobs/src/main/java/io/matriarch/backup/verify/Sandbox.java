package io.matriarch.backup.verify;

import io.matriarch.backup.verify.Programs.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PostgreSQL on restored data that nobody can mistake for the cluster: it listens on a socket in a private directory only, archives
 * nothing, replicates nothing and holds no credentials.
 */
final class Sandbox implements AutoCloseable {
    private static final Duration SHORT = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(120);
    private static final int LOG_LINES = 5;
    /** What recovery must not have less of than the server that wrote the WAL: by the words of pg_controldata. */
    private static final Map<String, String> NO_LESS = Map.of(
            "max_connections", "max_connections setting",
            "max_worker_processes", "max_worker_processes setting",
            "max_wal_senders", "max_wal_senders setting",
            "max_prepared_transactions", "max_prepared_xacts setting",
            "max_locks_per_transaction", "max_locks_per_xact setting");

    private final Path home;
    private final Programs programs;
    private Optional<Path> socket = Optional.empty();

    /** @param home an empty directory for all of it */
    Sandbox(Path home, Programs programs) {
        this.home = home;
        this.programs = programs;
    }

    Path data() {
        return home.resolve("data");
    }

    /** For configuration files that lay outside of the data directory; the sandbox has its own. */
    Path configuration() {
        return home.resolve("configuration");
    }

    Path tablespacePlace(String oid) {
        return home.resolve("tablespaces").resolve(oid);
    }

    /** Makes the place of a tablespace, and the link to it. */
    Path tablespace(String oid) throws IOException {
        Path place = tablespacePlace(oid);
        programs.must(List.of("mkdir", "-m", "700", place.toString()), home, SHORT);
        Path link = data().resolve("pg_tblspc").resolve(oid);
        programs.must(List.of("ln", "-s", place.toString(), link.toString()), home, SHORT);
        return place;
    }

    Path log() {
        return home.resolve("log");
    }

    Path socket() {
        return socket.orElseThrow(() -> new IllegalStateException("the sandbox has not been started"));
    }

    /** Makes the directories, as the user that PostgreSQL will run as. */
    void prepare() throws IOException {
        programs.must(
                List.of(
                        "mkdir",
                        "-m",
                        "700",
                        data().toString(),
                        home.resolve("tablespaces").toString(),
                        configuration().toString()),
                home,
                SHORT);
    }

    /** What the control file says, by pg_controldata's words. */
    Map<String, String> control() throws IOException {
        var facts = new LinkedHashMap<String, String>();
        var said = programs.postgres("pg_controldata", List.of("-D", data().toString()), home, SHORT)
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
     * @return what went wrong, with the end of its log; empty when it runs
     */
    Optional<String> start(Duration bound) throws IOException {
        // A socket's name may have 107 characters: the work directory is too deep for that.
        var made = programs.must(List.of("mktemp", "-d", "/tmp/mtvXXXXXX"), home, SHORT);
        socket = Optional.of(Path.of(made.output().strip()));
        Path configuration = home.resolve("sandbox.conf");
        Path access = home.resolve("sandbox_hba.conf");
        Files.writeString(configuration, settings());
        Files.writeString(access, "local all all trust\n");
        Files.deleteIfExists(data().resolve("postgresql.auto.conf"));
        var options = "-c config_file=" + configuration + " -c hba_file=" + access;
        var started = programs.postgres(
                "pg_ctl",
                List.of(
                        "start",
                        "--pgdata=" + data(),
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

    private String settings() throws IOException {
        var text = new StringBuilder("listen_addresses = ''\nunix_socket_directories = '")
                .append(socket())
                .append("'\nunix_socket_permissions = 0700\ndata_directory = '")
                .append(data())
                .append(
                        "'\narchive_mode = off\nautovacuum = off\nfsync = off\njit = off\nlog_min_messages = warning\n");
        var control = control();
        NO_LESS.forEach((name, words) -> number(control.getOrDefault(words, ""))
                .ifPresent(
                        value -> text.append(name).append(" = ").append(value).append('\n')));
        return text.toString();
    }

    private static Optional<Long> number(String text) {
        Matcher digits = Pattern.compile("[0-9]{1,9}").matcher(text);
        return digits.matches() ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    private String endOfLog() throws IOException {
        if (!Files.isReadable(log())) {
            return "";
        }
        var lines = Files.readAllLines(log());
        return "; its log ends: "
                + String.join(" | ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    /** Asks by psql; one line a row, columns with {@code |} between them. */
    Ended ask(String user, String database, String script, Duration bound) throws IOException {
        Path file = home.resolve("question.sql");
        Files.writeString(file, script);
        return programs.postgres(
                "psql",
                List.of(
                        "--no-psqlrc",
                        "--no-align",
                        "--tuples-only",
                        "--quiet",
                        "--set=ON_ERROR_STOP=1",
                        "--host=" + socket(),
                        "--username=" + user,
                        "--dbname=" + database,
                        "--file=" + file),
                home,
                bound);
    }

    /** Stops it cleanly, so that its pages can be checked. */
    void stop() throws IOException {
        programs.postgres(
                        "pg_ctl",
                        List.of("stop", "--pgdata=" + data(), "--mode=fast", "--wait", "--timeout=120"),
                        home,
                        STOP)
                .must();
    }

    /** Leaves nothing: neither a process nor a file. */
    @Override
    public void close() throws IOException {
        if (Files.exists(data().resolve("postmaster.pid"))) {
            programs.postgres(
                    "pg_ctl",
                    List.of("stop", "--pgdata=" + data(), "--mode=immediate", "--wait", "--timeout=60"),
                    home,
                    STOP);
        }
        if (socket.isPresent()) {
            programs.must(List.of("rm", "-rf", socket.get().toString()), home, SHORT);
        }
        programs.must(List.of("rm", "-rf", home.toString()), Path.of("/"), STOP);
    }
}
