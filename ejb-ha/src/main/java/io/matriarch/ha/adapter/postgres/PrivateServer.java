package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PostgresTools.Command;
import io.matriarch.ha.port.PostgresException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A PostgreSQL that only this process can reach: no TCP, its socket in a directory of mode 0700. For the first steps of a new cluster,
 * before anybody may connect.
 */
final class PrivateServer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PrivateServer.class);
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(5);
    private static final long LOOK_EVERY_MS = 25;
    private static final int STATUS_LINE = 7;

    private final PostgresTools tools;
    private final Path dataDir;
    private final Path sockets;
    private final int port;
    private final String superuser;
    private final Process process;

    private PrivateServer(
            PostgresTools tools, Path dataDir, Path sockets, int port, String superuser, Process process) {
        this.tools = tools;
        this.dataDir = dataDir;
        this.sockets = sockets;
        this.port = port;
        this.superuser = superuser;
        this.process = process;
    }

    /**
     * Starts it and waits until it takes connections.
     *
     * @param argv as for an ordinary start; what must differ is added
     */
    static PrivateServer start(
            PostgresTools tools, Path dataDir, List<String> argv, int port, String superuser, Path log)
            throws PostgresException, InterruptedException {
        PrivateServer server;
        try {
            Path sockets = socketDirectory();
            Path hba = sockets.resolve("pg_hba.conf");
            DurableFiles.write(hba, "local all all trust\n");
            Path ident = sockets.resolve("pg_ident.conf");
            DurableFiles.write(ident, "");
            List<String> command = new ArrayList<>(tools.commandPrefix());
            command.addAll(argv);
            Map<String, String> differing = Map.of(
                    "listen_addresses",
                    "",
                    "unix_socket_directories",
                    sockets.toString(),
                    "hba_file",
                    hba.toString(),
                    "ident_file",
                    ident.toString(),
                    "archive_mode",
                    "off",
                    "synchronous_standby_names",
                    "",
                    "logging_collector",
                    "off",
                    "log_destination",
                    "stderr");
            differing.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
            var builder = new ProcessBuilder(command).directory(dataDir.toFile());
            builder.redirectInput(new File("/dev/null")).redirectErrorStream(true);
            builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            server = new PrivateServer(tools, dataDir, sockets, port, superuser, builder.start());
        } catch (IOException e) {
            throw new PostgresException("could not start PostgreSQL in " + dataDir, e);
        }
        try {
            server.awaitReady(log);
            return server;
        } catch (PostgresException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** The name of a socket may have 107 characters: the directory for temporary files of an application server is too deep for that. */
    private static Path socketDirectory() throws IOException {
        Path shallow = Path.of("/tmp");
        return Files.isWritable(shallow)
                ? Files.createTempDirectory(shallow, "matriarch")
                : Files.createTempDirectory("matriarch");
    }

    private void awaitReady(Path log) throws PostgresException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!isReady()) {
            // The process's own end is the event; its readiness is only a line in a file.
            if (process.waitFor(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                throw new PostgresException(
                        "PostgreSQL ended with " + process.exitValue() + " instead of starting; see " + log);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new PostgresException("PostgreSQL did not start within " + START_LIMIT + "; see " + log);
            }
        }
    }

    private boolean isReady() {
        try {
            List<String> lines = Files.readAllLines(dataDir.resolve("postmaster.pid"));
            return lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs SQL as superuser; all of it or nothing. It must hold no plain password: it may end in an error message. */
    void sql(String database, String statements) throws PostgresException, InterruptedException {
        Path file = sockets.resolve("statements.sql");
        try {
            DurableFiles.write(file, statements);
            List<String> arguments = List.of(
                    "--no-psqlrc",
                    "--quiet",
                    "--no-password",
                    "--set=ON_ERROR_STOP=1",
                    "--single-transaction",
                    "--host=" + sockets,
                    "--port=" + port,
                    "--username=" + superuser,
                    "--dbname=" + database,
                    "--file=" + file);
            tools.run(tools.command("psql", arguments, Duration.ofMinutes(5))
                            .with(Map.of(
                                    "PGOPTIONS",
                                    "-c search_path=pg_catalog -c log_statement=none -c log_min_duration_statement=-1"
                                            + " -c log_min_error_statement=panic")))
                    .orThrow();
        } catch (IOException e) {
            throw new PostgresException("could not write the statements for the new cluster", e);
        } finally {
            deleteQuietly(file);
        }
    }

    /** A URL for scripts. */
    String url(String database) {
        return "postgres://" + Quoting.uri(superuser) + "@/" + Quoting.uri(database) + "?host="
                + Quoting.uri(sockets.toString()) + "&port=" + port;
    }

    /** Ends sessions and stops with a checkpoint. @throws PostgresException if the end was not clean */
    void stop() throws PostgresException, InterruptedException {
        List<String> arguments = List.of(
                "-D", dataDir.toString(), "stop", "-m", "fast", "-w", "-t", Long.toString(STOP_LIMIT.toSeconds()));
        tools.run(tools.command("pg_ctl", arguments, STOP_LIMIT.plusSeconds(10)))
                .orThrow();
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new PostgresException("PostgreSQL in " + dataDir + " did not stop cleanly");
        }
    }

    /** Ends it at once if it still runs. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            if (process.isAlive()) {
                var stop = Command.of(
                        "pg_ctl",
                        List.of(
                                tools.program("pg_ctl").toString(),
                                "-D",
                                dataDir.toString(),
                                "stop",
                                "-m",
                                "immediate",
                                "-w",
                                "-t",
                                "10"),
                        Duration.ofSeconds(15));
                tools.run(stop);
            }
        } catch (PostgresException e) {
            LOG.warnf("the private PostgreSQL in %s: %s", dataDir, e.getMessage());
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (process.isAlive()) {
                PostgresTools.kill(process);
            }
            try {
                DurableFiles.deleteTree(sockets);
            } catch (IOException e) {
                LOG.debugf("could not delete %s: %s", sockets, e);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debugf("could not delete %s: %s", file, e);
        }
    }
}
