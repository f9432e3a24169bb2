package io.matriarch.tests.support;

import io.matriarch.ha.adapter.postgres.LocalPostgresProbe;
import io.matriarch.ha.adapter.postgres.PgConnections;
import io.matriarch.ha.adapter.postgres.PgLogin;
import io.matriarch.ha.adapter.postgres.PgPaths;
import io.matriarch.ha.adapter.postgres.PostgresTools;
import io.matriarch.ha.adapter.postgres.SeenTimelines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A PostgreSQL without an agent, run by {@code pg_ctl}, for tests of what looks at or changes one. */
public final class SinglePostgres implements AutoCloseable {
    private final Path home;
    private final int port;
    private final SeenTimelines timelines = new SeenTimelines();

    /** @param home a directory of the user that runs PostgreSQL */
    private SinglePostgres(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    /** A new cluster, not started: superuser {@code postgres}, replication user {@code replicator}, trusted on loopback. */
    public static SinglePostgres init(String... initdbOptions) {
        SinglePostgres pg = empty();
        List<String> arguments =
                new ArrayList<>(List.of("-D", pg.data().toString(), "-U", "postgres", "-A", "trust", "-N"));
        arguments.addAll(List.of(initdbOptions));
        pg.run("initdb", arguments);
        pg.configure("listen_addresses = '127.0.0.1'\nport = " + pg.port + "\nunix_socket_directories = '" + pg.home
                + "'\nfsync = off\nmax_wal_senders = 10\nwal_log_hints = on\nlog_min_messages = info\n");
        return pg;
    }

    /** No cluster yet: the data directory does not exist. */
    public static SinglePostgres empty() {
        Path home = Workplace.newDirectory();
        Workplace.ownedByPostgres(home);
        return new SinglePostgres(home, Ports.free());
    }

    /** A stopped replica made by pg_basebackup, in a new place. */
    public SinglePostgres cloneAsReplica(String applicationName) {
        SinglePostgres replica = empty();
        replica.run(
                "pg_basebackup",
                List.of(
                        "-D",
                        replica.data().toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-U",
                        "postgres",
                        "-c",
                        "fast",
                        "-X",
                        "stream",
                        "-N"));
        replica.configure("port = " + replica.port + "\nunix_socket_directories = '" + replica.home + "'\n");
        replica.follow(this, applicationName);
        return replica;
    }

    /** Makes it a replica of another at the next start or reload. */
    public void follow(SinglePostgres upstream, String applicationName) {
        configure("primary_conninfo = 'host=127.0.0.1 port=" + upstream.port + " user=postgres application_name="
                + applicationName + "'\n");
        write(data().resolve("standby.signal"), "");
    }

    /** Appends to {@code postgresql.conf}. */
    public void configure(String lines) {
        try {
            Files.writeString(data().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot configure " + data(), e);
        }
    }

    /** Writes a file that belongs to the user that runs PostgreSQL. */
    public void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
            Workplace.giveToPostgres(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot write " + file, e);
        }
    }

    public Path home() {
        return home;
    }

    public Path data() {
        return home.resolve("data");
    }

    public Path log() {
        return home.resolve("log");
    }

    public int port() {
        return port;
    }

    /** Connections as everybody, trusted. */
    public PgConnections connections() {
        var superuser = new PgLogin("postgres", Optional::empty, Map.of());
        return new PgConnections("127.0.0.1", port, "postgres", superuser, superuser, superuser);
    }

    /** The first column of the first row. */
    public String ask(String query) throws SQLException {
        var session = new PgConnections.Session("test", Duration.ofSeconds(10), Duration.ofSeconds(60));
        try (Connection connection = connections().local(session);
                var statement = connection.createStatement()) {
            statement.execute("SET search_path = public");
            if (!statement.execute(query)) {
                return "";
            }
            ResultSet rows = statement.getResultSet();
            return rows.next() ? Optional.ofNullable(rows.getString(1)).orElse("") : "";
        }
    }

    /** What the product runs its child processes with. */
    public static PostgresTools tools() {
        return new PostgresTools(name -> Workplace.postgresBin().resolve(name), asPostgres(), Optional.empty());
    }

    public PgPaths paths() {
        return new PgPaths(data(), data().resolve("postgresql.conf"));
    }

    /** The product's probe on it. */
    public LocalPostgresProbe probe() {
        return new LocalPostgresProbe(paths(), connections(), tools(), () -> false, timelines);
    }

    /** Starts it and waits until it takes sessions. */
    public void start() {
        try {
            run("pg_ctl", List.of("-D", data().toString(), "-l", log().toString(), "-w", "-t", "60", "start"));
        } catch (IllegalStateException e) {
            throw new IllegalStateException("PostgreSQL on port " + port + " did not start; its log:\n" + logged(), e);
        }
    }

    private String logged() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }

    /** Starts the postmaster and waits for nothing. */
    public void startWithoutWaiting() {
        run("pg_ctl", List.of("-D", data().toString(), "-l", log().toString(), "-W", "start"));
    }

    public void stop(String mode) {
        run("pg_ctl", List.of("-D", data().toString(), "-m", mode, "-w", "-t", "60", "stop"));
    }

    public void promote() {
        run("pg_ctl", List.of("-D", data().toString(), "-w", "-t", "60", "promote"));
    }

    /** The postmaster, if it lives. */
    public OptionalLong postmaster() {
        return Signals.fromPidFile(data().resolve("postmaster.pid"));
    }

    /** SIGKILL to the postmaster and all its children at once; returns when all are gone and reaped (a zombie hinders a start). */
    public void killAll() {
        long postmaster = postmaster().orElseThrow();
        Signals.send("STOP", postmaster);
        List<Long> all = Signals.tree(postmaster);
        Signals.send("KILL", all);
        Eventually.holds(
                "all processes gone",
                Duration.ofSeconds(20),
                () -> all.stream().noneMatch(pid -> Files.exists(Path.of("/proc", Long.toString(pid)))));
    }

    /** Runs one of PostgreSQL's programs as the user that runs PostgreSQL. */
    public String run(String program, List<String> arguments) {
        return Command.run(command(program, arguments));
    }

    /** The command line of one of PostgreSQL's programs, run as the user that runs PostgreSQL. */
    public static List<String> command(String program, List<String> arguments) {
        List<String> command = new ArrayList<>(asPostgres());
        command.add(Workplace.postgresBin().resolve(program).toString());
        command.addAll(arguments);
        return command;
    }

    /** What makes a command run as the user that runs PostgreSQL. */
    public static List<String> asPostgres() {
        return Workplace.root()
                ? List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups")
                : List.of();
    }

    @Override
    public void close() {
        postmaster().ifPresent(pid -> {
            Signals.send("CONT", Signals.tree(pid));
            Command.tryRun(command("pg_ctl", List.of("-D", data().toString(), "-m", "immediate", "-w", "stop")));
        });
        Workplace.remove(home);
    }
}
