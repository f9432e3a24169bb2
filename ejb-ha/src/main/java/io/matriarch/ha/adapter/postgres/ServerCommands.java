package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PgConnections.Session;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** What is said to the running local PostgreSQL: by SQL, and by its own pg_ctl when it does not answer SQL. */
final class ServerCommands {
    private static final Logger LOG = Logger.getLogger(ServerCommands.class);
    private static final Duration LEAST = Duration.ofMillis(200);
    private static final long LOOK_EVERY_MS = 10;
    private static final String NOT_IN_RECOVERY = "55000";
    private static final String PROMOTE_FILE = "promote";

    private final PgConnections connections;
    private final PostgresTools tools;

    ServerCommands(PgConnections connections, PostgresTools tools) {
        this.connections = connections;
        this.tools = tools;
    }

    Connection connect(String purpose, Duration bound) throws SQLException {
        Duration usable = bound.compareTo(LEAST) < 0 ? LEAST : bound;
        return connections.local(new Session(purpose, usable, usable));
    }

    /**
     * Requests promotion as {@code pg_promote()} does, by a file and a signal, but without the session, which costs a part of the time
     * that nobody can write. PostgreSQL deletes a file that it did not need when it starts.
     */
    void promote(Path dataDir, Nudge nudge, Duration bound) throws PostgresException {
        Path file = dataDir.resolve(PROMOTE_FILE);
        try {
            Files.write(file, new byte[0]);
            nudge.send();
        } catch (IOException | FenceException e) {
            LOG.warnf("the promotion was not asked for by signal (%s); by SQL then", e.getMessage());
            promote(dataDir, bound);
        }
    }

    /** Requests promotion by SQL; a PostgreSQL that is a primary already is as wanted. */
    private void promote(Path dataDir, Duration bound) throws PostgresException {
        try (var connection = connect("matriarch promote", bound);
                var statement = connection.createStatement();
                var row = statement.executeQuery("select pg_promote(false)")) {
            if (row.next() && row.getBoolean(1)) {
                return;
            }
            LOG.warn("pg_promote() did not reach the postmaster; promoting by pg_ctl");
        } catch (SQLException e) {
            if (NOT_IN_RECOVERY.equals(e.getSQLState())) {
                return;
            }
            LOG.warnf("pg_promote(): %s; promoting by pg_ctl", e.getMessage());
        }
        pgCtl(List.of("-D", dataDir.toString(), "-W", "promote"), bound);
    }

    /**
     * Has the files read again.
     *
     * @return false when PostgreSQL does not run
     */
    boolean reload(Path dataDir, Duration bound) throws PostgresException {
        try (var connection = connect("matriarch reload", bound);
                var statement = connection.createStatement();
                var row = statement.executeQuery("select pg_reload_conf()")) {
            if (row.next() && row.getBoolean(1)) {
                return true;
            }
        } catch (SQLException e) {
            LOG.debugf("pg_reload_conf(): %s", e.getMessage());
        }
        if (!run(List.of("-D", dataDir.toString(), "status"), bound).isSuccess()) {
            return false;
        }
        pgCtl(List.of("-D", dataDir.toString(), "reload"), bound);
        return true;
    }

    /**
     * Waits until new sessions see the values: a reload is asynchronous, and refused values stay what they were without a word.
     *
     * @throws PostgresException if they do not within {@code bound}
     */
    void awaitSettings(Map<String, String> wanted, Duration bound) throws PostgresException {
        long deadline = System.nanoTime() + bound.toNanos();
        String seen = "";
        try (var connection = connect("matriarch verify", bound);
                var statement = connection.prepareStatement("select current_setting(?, true)")) {
            while (true) {
                seen = differing(statement, wanted);
                if (seen.isEmpty()) {
                    return;
                }
                if (System.nanoTime() - deadline > 0) {
                    // No value is named: a connection string belongs into no log.
                    throw new PostgresException(
                            "PostgreSQL reloaded its files, but " + seen
                                    + " is not what they say; ALTER SYSTEM or the command line may override it, or the log says why it was refused");
                }
                Thread.sleep(LOOK_EVERY_MS);
            }
        } catch (SQLException e) {
            throw new PostgresException("could not verify the reloaded settings: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("interrupted while verifying the reloaded settings", e);
        }
    }

    private static String differing(java.sql.PreparedStatement statement, Map<String, String> wanted)
            throws SQLException {
        for (var setting : wanted.entrySet()) {
            statement.setString(1, setting.getKey());
            try (var row = statement.executeQuery()) {
                String value = row.next() ? row.getString(1) : "";
                if (value == null || !value.equals(setting.getValue())) {
                    return setting.getKey();
                }
            }
        }
        return "";
    }

    /** Fast, and when that takes most of the bound, immediate: then crash recovery follows, but nothing acknowledged is lost. */
    void stop(Path dataDir, Duration bound) throws PostgresException {
        if (!run(List.of("-D", dataDir.toString(), "status"), bound).isSuccess()) {
            return;
        }
        Duration fast = bound.multipliedBy(3).dividedBy(4);
        if (!stop(dataDir, "fast", fast).isSuccess()) {
            LOG.warnf("PostgreSQL in %s did not stop within %s; stopping it at once", dataDir, fast);
            stop(dataDir, "immediate", bound.minus(fast)).orThrow();
        }
    }

    private PostgresTools.Result stop(Path dataDir, String mode, Duration bound) throws PostgresException {
        long seconds = Math.max(1, bound.toSeconds());
        List<String> arguments =
                List.of("-D", dataDir.toString(), "stop", "-w", "-m", mode, "-t", Long.toString(seconds));
        return run(arguments, Duration.ofSeconds(seconds + 1));
    }

    static boolean isInRecovery(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("select pg_is_in_recovery()")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Blocks until the checkpoint is done; an interrupt cancels it. */
    void checkpoint() throws PostgresException, InterruptedException {
        var session = new Session("matriarch checkpoint", Duration.ofSeconds(5), Duration.ZERO);
        try (var connection = connections.local(session)) {
            Cancellable.execute(connection, "CHECKPOINT");
        } catch (SQLException e) {
            throw new PostgresException("could not connect for a checkpoint: " + e.getMessage(), e);
        }
    }

    private void pgCtl(List<String> arguments, Duration bound) throws PostgresException {
        run(arguments, bound).orThrow();
    }

    private PostgresTools.Result run(List<String> arguments, Duration bound) throws PostgresException {
        try {
            return tools.run("pg_ctl", arguments, bound.compareTo(LEAST) < 0 ? LEAST : bound);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException("pg_ctl was interrupted", e);
        }
    }
}
