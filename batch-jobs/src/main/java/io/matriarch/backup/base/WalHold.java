package io.matriarch.backup.base;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Keeps the WAL that a copy will need at its end: by a temporary slot, so that nothing stays behind on the server whatever happens to this
 * process.
 */
record WalHold(Connection session) implements AutoCloseable {
    /** The session is idle for as long as the copy takes. The setting is there since PostgreSQL 14. */
    private static final String UNBOUNDED =
            "select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'";

    /** Keeps it by this session, until {@link #close}, which ends the session. */
    static WalHold in(Connection session, String member) throws IOException {
        try (var patience = session.prepareStatement(UNBOUNDED);
                var statement = session.prepareStatement("select pg_create_physical_replication_slot(?, true, true)")) {
            patience.execute();
            statement.setString(
                    1, "matriarch_backup_" + UUID.randomUUID().toString().replace("-", ""));
            statement.execute();
            return new WalHold(session);
        } catch (SQLException e) {
            throw new IOException(
                    "cannot hold the WAL of " + member + " for the time of the copy: " + e.getMessage()
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
