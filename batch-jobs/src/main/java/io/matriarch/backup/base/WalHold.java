package io.matriarch.backup.base;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Keeps the WAL that a copy will need at its end: a temporary slot in a session of its own, so that nothing stays behind on the server
 * whatever happens to this process.
 */
record WalHold(Connection session) implements AutoCloseable {

    static WalHold on(Source source, Login login, int seconds) throws IOException {
        try {
            var session = source.connect(login, seconds);
            try (var statement =
                    session.prepareStatement("select pg_create_physical_replication_slot(?, true, true)")) {
                statement.setString(
                        1, "matriarch_backup_" + UUID.randomUUID().toString().replace("-", ""));
                statement.execute();
                return new WalHold(session);
            } catch (SQLException e) {
                session.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new IOException(
                    "cannot hold the WAL of " + source.member() + " for the time of the copy: " + e.getMessage()
                            + " (a backup needs one of max_replication_slots)",
                    e);
        }
    }

    /** Gives the WAL free. */
    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            // A session that broke holds nothing; whether the copy has all it needs was pg_basebackup's to say.
        }
    }
}
