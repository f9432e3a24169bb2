package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PgConnections.Session;
import io.matriarch.ha.config.ConfigLoader;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper.StartCommand;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A member for tests: configuration, directories, and the postmaster that a fence would run. */
final class Member implements AutoCloseable {
    static final Duration BOUND = Duration.ofSeconds(20);
    private static final String PASSWORD = "it's a:secret\\";

    final MemberName name;
    final Path dataDir;
    final Path stateDir;
    final int port;
    final PgConnections connections;
    final LocalPostgresControl control;
    private Optional<Process> postmaster = Optional.empty();

    Member(Path root, String name, int port, Path binDir, String morePostgres, String moreBootstrap) throws Exception {
        this.name = new MemberName(name);
        this.port = port;
        Path home = Files.createDirectory(root.resolve(name));
        dataDir = home.resolve("data");
        stateDir = Files.createDirectory(home.resolve("state"));
        Path sockets = Files.createDirectory(home.resolve("s"));
        Path file = home.resolve("patroni.yml");
        Files.writeString(file, """
                scope: tests
                name: %1$s
                restapi: {listen: "127.0.0.1:%2$d", connect_address: "127.0.0.1:%2$d"}
                etcd3: {host: "127.0.0.1:2379"}
                bootstrap:
                  dcs:
                    postgresql: {parameters: {max_connections: 30, log_statement: all}}
                %8$s
                postgresql:
                  listen: 127.0.0.1:%3$d
                  connect_address: 127.0.0.1:%3$d
                  data_dir: %4$s
                  bin_dir: %5$s
                  authentication:
                    superuser: {username: postgres, password: "%9$s"}
                    replication: {username: repl, password: "%9$s"}
                    rewind: {username: rewinder, password: "%9$s"}
                  parameters: {unix_socket_directories: %6$s, shared_buffers: 16MB, fsync: "off"}
                %7$s
                """.formatted(
                        name,
                        port + 1000,
                        port,
                        dataDir,
                        binDir,
                        sockets,
                        morePostgres.indent(2),
                        moreBootstrap.indent(2),
                        PASSWORD.replace("\\", "\\\\")));
        LocalConfig config = ConfigLoader.ofProcess().load(file).config();
        var users = config.node().authentication();
        connections = new PgConnections(
                "127.0.0.1",
                port,
                config.node().database(),
                PostgresSettings.login(users.superuser()),
                PostgresSettings.login(users.replication()),
                PostgresSettings.login(users.rewind()));
        control = new LocalPostgresControl(
                config, stateDir, connections, LocalPostgresControl.tools(config, stateDir), this::nudge);
    }

    private void nudge() throws FenceException {
        String pid = Long.toString(postmaster.orElseThrow().pid());
        try {
            int status = new ProcessBuilder("kill", "-USR1", pid).start().waitFor();
            Scenario.check(status == 0, "the postmaster of " + name + " was signalled");
        } catch (IOException | InterruptedException e) {
            throw new FenceException("signalling postmaster " + pid, false, e);
        }
    }

    Upstream upstreamFor(Member follower) {
        return new Upstream(Optional.of(name), "127.0.0.1", port, Optional.of(follower.name.slotName()));
    }

    void run(StartCommand command) throws Exception {
        var builder = new ProcessBuilder(command.argv()).directory(new File(command.workingDirectory()));
        builder.redirectInput(new File("/dev/null")).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(new File(command.logFile())));
        postmaster = Optional.of(builder.start());
        Scenario.until("PostgreSQL of " + name + " answers", () -> {
            try (var connection = open()) {
                return connection.isValid(1);
            }
        });
    }

    Connection open() throws Exception {
        Connection connection = connections.local(new Session("test", BOUND, BOUND));
        connection.setSchema("public");
        return connection;
    }

    String ask(String sql) throws Exception {
        try (var connection = open();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    void execute(String sql) throws Exception {
        try (var connection = open();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As the kernel would after a crash: the postmaster and all its children at once. */
    void crash() throws Exception {
        Process process = postmaster.orElseThrow();
        List<ProcessHandle> family = process.descendants().toList();
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
        process.waitFor(20, TimeUnit.SECONDS);
        for (ProcessHandle child : family) {
            child.onExit().get(20, TimeUnit.SECONDS);
        }
        postmaster = Optional.empty();
    }

    void stop() throws Exception {
        control.stopUnguarded(BOUND);
        if (postmaster.isPresent()) {
            Scenario.check(postmaster.get().waitFor(20, TimeUnit.SECONDS), name + " stops");
        }
        postmaster = Optional.empty();
    }

    String log() throws Exception {
        var text = new StringBuilder();
        try (var logs = Files.list(stateDir.resolve("log"))) {
            for (Path log : logs.toList()) {
                text.append(Files.readString(log));
            }
        }
        return text.toString();
    }

    /** The password, and what would betray it. */
    static String password() {
        return PASSWORD;
    }

    @Override
    public void close() throws Exception {
        if (postmaster.isPresent()) {
            crash();
        }
        control.close();
    }
}
