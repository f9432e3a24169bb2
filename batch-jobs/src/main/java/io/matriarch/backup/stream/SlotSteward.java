package io.matriarch.backup.stream;

import io.matriarch.backup.base.Source;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.ha.model.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * The stream's slot on each member. On a leader it keeps the WAL that is not yet in the repository; on the others it keeps the same, so that
 * whoever leads next has what is lacking. Every method blocks as long as the server does, bounded.
 */
final class SlotSteward {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final String SLOT = Servers.NAME;

    /** What followers keep beyond that: a leader that was cut off may have sent us more than the next one ever had. */
    private static final long MARGIN_BYTES = 64L << 20;

    private final Servers servers;

    SlotSteward(Servers servers) {
        this.servers = servers;
    }

    /**
     * Fails while a leader is in recovery. From a server that is promoted under it a stream gets the end of the old timeline, which the driver
     * does not pass on: the server would go on to answer, and send nothing any more.
     */
    void requirePromoted(Source leader) throws IOException {
        boolean recovers = on(leader, session -> {
            try (var statement = session.createStatement();
                    var row = statement.executeQuery("select pg_is_in_recovery()")) {
                row.next();
                return row.getBoolean(1);
            }
        });
        if (recovers) {
            throw new IOException(leader.member() + " leads, and is still in recovery");
        }
    }

    /** Makes sure that the slot is there and nobody else uses it. An earlier stream that is not gone yet is ended. */
    void prepare(Source leader) throws IOException {
        on(leader, session -> {
            if (!isUsable(session)) {
                create(session, leader);
            }
            try (var statement = session.prepareStatement(
                    "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = ? and active")) {
                statement.setString(1, SLOT);
                statement.execute();
            }
            return true;
        });
    }

    /** Keeps the slot of a member that does not stream to us where the repository is: not behind it, and never before it. */
    void follow(Source member, Lsn durable) throws IOException {
        var to = new Lsn(Math.max(0, durable.bytes() - MARGIN_BYTES)).toString();
        on(member, session -> {
            if (!isUsable(session)) {
                create(session, member);
            }
            try (var statement = session.prepareStatement("""
                    select pg_replication_slot_advance(slot_name, least(?::pg_lsn,
                        case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end))
                    from pg_replication_slots
                    where slot_name = ? and not active and restart_lsn < least(?::pg_lsn,
                        case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end)""")) {
                statement.setString(1, to);
                statement.setString(2, SLOT);
                statement.setString(3, to);
                statement.execute();
            }
            return true;
        });
    }

    /** Gives the WAL of a member free. */
    void drop(Source member) throws IOException {
        on(member, session -> {
            try (var statement = session.prepareStatement(
                    "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ? and not active")) {
                statement.setString(1, SLOT);
                if (statement.executeQuery().next()) {
                    LOG.infof("[wal-slot] dropped %s on %s: WAL is not received any more", SLOT, member.member());
                }
            }
            return true;
        });
    }

    /** A slot that never reserved WAL, or lost it to {@code max_slot_wal_keep_size}, is of no use and is dropped. */
    private static boolean isUsable(Connection session) throws SQLException {
        try (var statement =
                session.prepareStatement("select restart_lsn is not null and wal_status is distinct from 'lost'"
                        + " from pg_replication_slots where slot_name = ?")) {
            statement.setString(1, SLOT);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                if (row.getBoolean(1)) {
                    return true;
                }
            }
        }
        call(session, "select pg_drop_replication_slot(?)");
        return false;
    }

    private static void create(Connection session, Source member) throws SQLException {
        call(session, "select pg_create_physical_replication_slot(?, true)");
        LOG.infof("[wal-slot] created %s on %s", SLOT, member.member());
    }

    private static void call(Connection session, String sql) throws SQLException {
        try (var statement = session.prepareStatement(sql)) {
            statement.setString(1, SLOT);
            statement.execute();
        }
    }

    /** The segments that a server has, lowest first; names of recycled files, which hold nothing yet, are among them. */
    List<SegmentName> segments(Source server) throws IOException {
        return on(server, session -> {
            var names = new TreeSet<SegmentName>();
            try (var statement = session.createStatement();
                    var row = statement.executeQuery("select name from pg_ls_waldir()")) {
                while (row.next()) {
                    SegmentName.of(row.getString(1)).ifPresent(names::add);
                }
            }
            return List.copyOf(names);
        });
    }

    /** What may have been committed: changes with each transaction that wrote. */
    String transactions(Source leader) throws IOException {
        return on(leader, session -> {
            try (var statement = session.createStatement();
                    var row = statement.executeQuery("select pg_snapshot_xmax(pg_current_snapshot())")) {
                row.next();
                return row.getString(1);
            }
        });
    }

    /** Ends the segment that is being written, so that it can be stored. */
    Optional<Lsn> endSegment(Source leader) throws IOException {
        return on(leader, session -> {
            try (var statement = session.createStatement();
                    var row = statement.executeQuery("select pg_switch_wal() where not pg_is_in_recovery()")) {
                return row.next() ? Optional.of(Lsn.parse(row.getString(1))) : Optional.empty();
            }
        });
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask(Connection session) throws SQLException;
    }

    private <T> T on(Source member, Question<T> question) throws IOException {
        try (var session = servers.ask(member)) {
            return question.ask(session);
        } catch (SQLException | IllegalArgumentException e) {
            throw new IOException(
                    ReplicationSession.where(member) + " about the slot " + SLOT + ": " + e.getMessage(), e);
        }
    }
}
