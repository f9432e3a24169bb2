package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.model.TimelineSwitch;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Asks a leader's PostgreSQL who it is. Stateless. */
final class LeaderInquiry {
    private final PgConnections connections;

    LeaderInquiry(PgConnections connections) {
        this.connections = connections;
    }

    /** What it said. */
    record Facts(SystemIdentifier system, Timeline timeline, boolean primary, List<TimelineSwitch> history) {}

    /** Blocks at most {@code bound}. */
    Facts ask(Upstream leader, Duration bound) throws PostgresException {
        String where = leader.host() + ":" + leader.port();
        long deadline = System.nanoTime() + bound.toNanos();
        try (Connection replication = connections.replicationAt(leader.host(), leader.port(), session(deadline))) {
            Identity before = identify(replication);
            boolean recovering = isInRecovery(leader, deadline);
            List<TimelineSwitch> history =
                    before.timeline().id() == 1 ? List.of() : history(replication, before.timeline());
            // A promotion between the questions would mix two states.
            Identity after = identify(replication);
            if (!after.equals(before)) {
                throw new PostgresException(where + " changed from timeline " + before.timeline() + " to "
                        + after.timeline() + " while it was asked");
            }
            return new Facts(before.system(), before.timeline(), !recovering, history);
        } catch (SQLException e) {
            throw new PostgresException("asking " + where + " for its identity and history", e);
        } catch (IllegalArgumentException e) {
            throw new PostgresException(where + " gave an answer that is not understood", e);
        }
    }

    private record Identity(SystemIdentifier system, Timeline timeline) {}

    private static Identity identify(Connection replication) throws SQLException {
        try (var statement = replication.createStatement();
                ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            if (!row.next()) {
                throw new SQLException("IDENTIFY_SYSTEM gave no row");
            }
            return new Identity(new SystemIdentifier(text(row, 1)), new Timeline(row.getInt(2)));
        }
    }

    private static List<TimelineSwitch> history(Connection replication, Timeline timeline) throws SQLException {
        try (var statement = replication.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline.id())) {
            if (!row.next()) {
                throw new SQLException("TIMELINE_HISTORY " + timeline + " gave no row");
            }
            return TimelineHistory.parse(text(row, 2));
        }
    }

    private boolean isInRecovery(Upstream leader, long deadline) throws SQLException {
        try (Connection ordinary = ordinary(leader, deadline);
                var statement = ordinary.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_is_in_recovery()")) {
            if (!row.next()) {
                throw new SQLException("pg_is_in_recovery() gave no row");
            }
            return row.getBoolean(1);
        }
    }

    /** As superuser; where the leader's pg_hba.conf does not let that in from here, with the credentials for pg_rewind. */
    private Connection ordinary(Upstream leader, long deadline) throws SQLException {
        try {
            return connections.superuserAt(leader.host(), leader.port(), session(deadline));
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith("28")) {
                throw e;
            }
            try {
                return connections.rewindAt(leader.host(), leader.port(), session(deadline));
            } catch (SQLException second) {
                second.addSuppressed(e);
                throw second;
            }
        }
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String value = row.getString(column);
        if (value == null) {
            throw new SQLException("an empty answer in column " + column);
        }
        return value;
    }

    private static PgConnections.Session session(long deadline) {
        Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
        return new PgConnections.Session("matriarch rejoin", left, left);
    }
}
