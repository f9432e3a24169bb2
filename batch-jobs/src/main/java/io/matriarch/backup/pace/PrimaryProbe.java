package io.matriarch.backup.pace;

import java.sql.Connection;
import java.sql.SQLException;

/** Asks the primary as a client does whose transaction commits: a few bytes of WAL that are flushed, and replicated if commits wait for that. */
final class PrimaryProbe implements AutoCloseable {
    /** Names nothing and changes no table; logical decoding passes it on to those only who asked for messages. */
    private static final String COMMIT = "select pg_logical_emit_message(true, 'matriarch', '')";

    private static final int LONGEST_SECONDS = 5;

    private final Connection session;

    PrimaryProbe(Connection session) {
        this.session = session;
    }

    /**
     * Commits once; blocks for five seconds at most. A commit that waits for a replica would outlive its session's socket on the server: it
     * is cancelled there, which leaves no session behind.
     */
    void commit() throws SQLException {
        try (var statement = session.prepareStatement(COMMIT)) {
            statement.setQueryTimeout(LONGEST_SECONDS);
            statement.execute();
        }
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
