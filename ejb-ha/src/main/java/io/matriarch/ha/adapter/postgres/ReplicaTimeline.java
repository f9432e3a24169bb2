package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Timeline;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The timeline that a replica is on. While its WAL receiver lives, that says so; afterwards what it last said holds on, for the server
 * forgets it at once, and a walsender of the replica itself is asked what it replays. Used by one thread at a time.
 */
final class ReplicaTimeline {
    private static final Logger LOG = Logger.getLogger(ReplicaTimeline.class);
    private static final Duration ASK_EVERY = Duration.ofSeconds(5);
    private static final Duration ASK_BOUND = Duration.ofMillis(500);

    private final PgConnections connections;
    private final SeenTimelines seen;
    private long pid;
    private long askDueNanos = System.nanoTime();

    /** @param seen shared with whoever else looks at this server */
    ReplicaTimeline(PgConnections connections, SeenTimelines seen) {
        this.connections = connections;
        this.seen = seen;
    }

    /** The timeline, or empty when nothing says it. Costs a connection every few seconds while nothing is received. */
    Optional<Timeline> of(
            long postmasterPid, HeldSession.Answer said, Optional<Timeline> ofControlFile, long deadlineNanos) {
        if (pid != postmasterPid) {
            pid = postmasterPid;
            askDueNanos = System.nanoTime();
        }
        Optional<Timeline> now = said.receiver().flatMap(HeldSession.Receiver::timeline);
        if (now.isPresent()) {
            seen.seen(pid, now.get());
            return now;
        }
        if (System.nanoTime() - askDueNanos >= 0 && deadlineNanos - System.nanoTime() > ASK_BOUND.toNanos()) {
            ask();
        }
        ofControlFile.ifPresent(timeline -> seen.seen(pid, timeline));
        return seen.of(pid);
    }

    private void ask() {
        askDueNanos = System.nanoTime() + ASK_EVERY.toNanos();
        var session = new PgConnections.Session("matriarch", ASK_BOUND, ASK_BOUND);
        try (var replication = connections.replicationAt(connections.localHost(), connections.localPort(), session);
                var statement = replication.createStatement();
                var row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            if (row.next()) {
                seen.seen(pid, new Timeline(row.getInt(2)));
            }
        } catch (SQLException e) {
            // pg_hba.conf need not let a replication session in from here: what else is known must do.
            LOG.debugf("no local replication session: %s", e.toString());
        }
    }
}
