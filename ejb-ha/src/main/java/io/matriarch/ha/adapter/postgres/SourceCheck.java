package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.adapter.postgres.PgConnections.Session;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Asks the PostgreSQL that is to be copied from what it is, before anything local is touched. Blocks for at most some seconds. */
final class SourceCheck {
    private static final Logger LOG = Logger.getLogger(SourceCheck.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration STATEMENT = Duration.ofSeconds(10);

    private final PgConnections connections;
    private final Session session;

    SourceCheck(PgConnections connections, String purpose) {
        this.connections = connections;
        this.session = new Session(purpose, CONNECT, STATEMENT);
    }

    record Identity(SystemIdentifier system, Timeline timeline) {}

    /** IDENTIFY_SYSTEM over a replication connection. */
    Identity identify(Upstream source) throws PostgresException {
        try (var connection = connections.replicationAt(source.host(), source.port(), session);
                var statement = connection.createStatement();
                var row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            if (!row.next()) {
                throw new PostgresException(name(source) + " did not say which system it is");
            }
            return new Identity(new SystemIdentifier(row.getString(1)), new Timeline(row.getInt(2)));
        } catch (SQLException e) {
            throw new PostgresException("could not ask " + name(source) + " which system it is: " + e.getMessage(), e);
        }
    }

    /** @throws PostgresException if the source is another cluster than expected */
    Identity prove(Upstream source, Optional<SystemIdentifier> expected) throws PostgresException {
        Identity identity = identify(source);
        if (expected.isPresent() && !expected.get().equals(identity.system())) {
            throw new PostgresException(name(source) + " belongs to the system " + identity.system() + ", not to "
                    + expected.get() + ": nothing was touched");
        }
        return identity;
    }

    /** The upstream's slot, if it can be used now: it exists there, is physical and nobody streams from it. */
    Optional<String> usableSlot(Upstream source) {
        if (source.slotName().isEmpty()) {
            return Optional.empty();
        }
        try (var connection = connections.superuserAt(source.host(), source.port(), session);
                var statement = connection.prepareStatement(
                        "select 1 from pg_replication_slots where slot_name = ? and slot_type = 'physical' and not active")) {
            statement.setString(1, source.slotName().get());
            try (var row = statement.executeQuery()) {
                return row.next() ? source.slotName() : Optional.empty();
            }
        } catch (SQLException e) {
            LOG.debugf("the slots of %s could not be looked at: %s", name(source), e.getMessage());
            return Optional.empty();
        }
    }

    /** Where the source's tablespaces are; what this member's links say when the source does not answer. */
    List<Path> tablespaces(Upstream source) {
        List<Path> paths = new ArrayList<>();
        try (var connection = connections.superuserAt(source.host(), source.port(), session);
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select pg_tablespace_location(oid) from pg_tablespace")) {
            while (rows.next()) {
                Path path = Path.of(rows.getString(1));
                // An empty or a relative location is inside of the data directory.
                if (path.isAbsolute()) {
                    paths.add(path);
                }
            }
        } catch (SQLException e) {
            LOG.debugf("the tablespaces of %s could not be looked at: %s", name(source), e.getMessage());
        }
        return paths;
    }

    /** The timeline of the last checkpoint on a primary: pg_rewind goes by it. */
    Timeline checkpointTimeline(Upstream leader) throws PostgresException {
        try (var connection = connections.rewindAt(leader.host(), leader.port(), session);
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select pg_is_in_recovery(), timeline_id from pg_control_checkpoint()")) {
            if (!row.next() || row.getBoolean(1)) {
                throw new PostgresException(name(leader) + " is no primary");
            }
            return new Timeline(row.getInt(2));
        } catch (SQLException e) {
            throw new PostgresException("could not ask " + name(leader) + " for its timeline: " + e.getMessage(), e);
        }
    }

    static String name(Upstream upstream) {
        return upstream.member()
                .map(member -> member.value() + " (" + upstream.host() + ":" + upstream.port() + ")")
                .orElse(upstream.host() + ":" + upstream.port());
    }
}
