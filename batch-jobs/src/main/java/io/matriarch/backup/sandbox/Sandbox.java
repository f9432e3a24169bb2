package io.matriarch.backup.sandbox;

import io.matriarch.backup.sandbox.Programs.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A PostgreSQL on restored data that nobody can mistake for the cluster: it listens on a socket in a private directory only, archives
 * nothing, replicates nothing and holds no credentials. Leaves nothing of itself; when this process is killed, it ends too, and {@link Leftovers} does
 * the rest. For one thread, which has to be there as long as it runs.
 */
public final class Sandbox implements AutoCloseable {
    private static final Duration SHORT = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(120);
    private static final Duration REMOVAL = Duration.ofHours(12);

    private final Path home;
    private final Programs programs;
    private Optional<Path> socket = Optional.empty();

    /** @param home an empty directory for all of it */
    public Sandbox(Path home, Programs programs) {
        this.home = home;
        this.programs = programs;
    }

    public Path data() {
        return home.resolve("data");
    }

    /** For configuration files that lay outside of the data directory; the sandbox has its own. */
    public Path configuration() {
        return home.resolve("configuration");
    }

    /** Where a tablespace lies. */
    public Path tablespacePlace(String oid) {
        return home.resolve("tablespaces").resolve(oid);
    }

    /** Makes the place of a tablespace, and the link to it. */
    public Path tablespace(String oid) throws IOException {
        Path place = tablespacePlace(oid);
        programs.must(List.of("mkdir", "-m", "700", place.toString()), home, SHORT);
        Path link = data().resolve("pg_tblspc").resolve(oid);
        programs.must(List.of("ln", "-s", place.toString(), link.toString()), home, SHORT);
        return place;
    }

    /** Directory of its socket. */
    public Path socket() {
        return socket.orElseThrow(() -> new IllegalStateException("the sandbox has not been started"));
    }

    private Instance instance() {
        return new Instance(data(), home, socket.orElse(home), programs);
    }

    /** Makes the directories, as the user that PostgreSQL will run as. */
    public void prepare() throws IOException {
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
    public Map<String, String> control() throws IOException {
        return instance().control();
    }

    /**
     * Starts it and waits until it accepts connections.
     *
     * @param more settings besides those of every sandbox, and larger values of those that recovery must not have less of
     * @return what went wrong, with the end of its log; empty when it runs
     */
    public Optional<String> start(Duration bound, String more, Map<String, Long> seen) throws IOException {
        if (socket.isEmpty()) {
            // A socket's name may have 107 characters: the work directory is too deep for that.
            var made = programs.must(List.of("mktemp", "-d", "/tmp/mtvXXXXXX"), home, SHORT);
            socket = Optional.of(Path.of(made.output().strip()));
            Leftovers.remember(home, socket.get());
        }
        Path configuration = home.resolve("sandbox.conf");
        Path access = home.resolve("sandbox_hba.conf");
        var settings = "listen_addresses = ''\ndata_directory = '" + data() + "'\n"
                + "autovacuum = off\nfsync = off\nlog_min_messages = warning\n";
        Files.writeString(
                configuration, settings + instance().isolation() + instance().noLess(seen) + more);
        Files.writeString(access, "local all all trust\n");
        Files.deleteIfExists(data().resolve("postgresql.auto.conf"));
        // The copy of a replica would go on waiting for its primary.
        Files.deleteIfExists(data().resolve("standby.signal"));
        return instance().startTied(bound, List.of("-c", "config_file=" + configuration, "-c", "hba_file=" + access));
    }

    /**
     * Starts it as a server that replays WAL, and waits until it can be read.
     *
     * @param settings of the recovery
     * @param least values of settings that recovery must not have less of
     * @return as {@link #start}
     */
    public Optional<String> recover(Duration bound, String settings, Map<String, Long> least) throws IOException {
        programs.must(List.of("touch", data().resolve("recovery.signal").toString()), home, SHORT);
        return start(bound, settings, least);
    }

    /** Asks by psql; one line a row, columns with {@code |} between them. */
    public Ended ask(String user, String database, String script, Duration bound) throws IOException {
        return instance().ask(user, database, script, bound);
    }

    /** The same for SQL that others wrote: in it psql itself takes nothing for a command of its own. */
    public Ended askPlainly(String user, String database, List<String> statements, Duration bound) throws IOException {
        return instance().askPlainly(user, database, statements, bound);
    }

    /** Makes it writable on a timeline of its own. */
    public void promote(Duration bound) throws IOException {
        instance().promote(bound);
    }

    /** The last messages of its log. */
    public String endOfLog() throws IOException {
        return instance().endOfLog();
    }

    /** Stops it cleanly, so that its pages can be checked. */
    public void stop() throws IOException {
        instance().stop("fast");
    }

    /** Leaves nothing: neither a process nor a file. */
    @Override
    public void close() throws IOException {
        var tidying = programs.forTidying();
        if (Files.exists(data().resolve("postmaster.pid"))) {
            tidying.postgres(
                    "pg_ctl",
                    List.of("stop", "--pgdata=" + data(), "--mode=immediate", "--wait", "--timeout=60"),
                    home,
                    STOP);
        }
        if (socket.isPresent()) {
            tidying.must(List.of("rm", "-rf", socket.get().toString()), home, SHORT);
        }
        tidying.must(List.of("rm", "-rf", home.toString()), Path.of("/"), REMOVAL);
    }
}
