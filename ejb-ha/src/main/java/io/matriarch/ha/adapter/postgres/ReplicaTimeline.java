package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Timeline;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The timeline that a replica is on. While its WAL receiver lives, that says so; afterwards what it last said holds on, for the server
 * forgets it at once, and a walsender of the replica itself is asked what it replays. Not thread safe.
 */
final class ReplicaTimeline {
    private static final Logger LOG = Logger.getLogger(ReplicaTimeline.class);
    private static final Duration ASK_EVERY = Duration.ofSeconds(5);
    private static final Duration ASK_BOUND = Duration.ofMillis(500);

    private final PgConnections connections;
    private long pid;
    private Optional<Timeline> received = Optional.empty();
    private Optional<Timeline> replaying = Optional.empty();
    private long askDueNanos = System.nanoTime();

    ReplicaTimeline(PgConnections connections) {
        this.connections = connections;
    }

    /** The timeline, or empty when nothing says it. Costs a connection every few seconds while nothing is received. */
    Optional<Timeline> of(
            long postmasterPid, HeldSession.Answer said, Optional<Timeline> ofControlFile, long deadlineNanos) {
        if (pid != postmasterPid) {
            pid = postmasterPid;
            received = Optional.empty();
            replaying = Optional.empty();
            askDueNanos = System.nanoTime();
        }
        Optional<Timeline> now = said.receiver().flatMap(HeldSession.Receiver::timeline);
        if (now.isPresent()) {
            received = now;
            return now;
        }
        if (System.nanoTime() - askDueNanos >= 0 && deadlineNanos - System.nanoTime() > ASK_BOUND.toNanos()) {
            ask();
        }
        return newest(newest(received, replaying), ofControlFile);
    }

    private void ask() {
        askDueNanos = System.nanoTime() + ASK_EVERY.toNanos();
        var session = new PgConnections.Session("matriarch", ASK_BOUND, ASK_BOUND);
        try (var replication = connections.replicationAt(connections.localHost(), connections.localPort(), session);
                var statement = replication.createStatement();
                var row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            if (row.next()) {
                replaying = Optional.of(new Timeline(row.getInt(2)));
            }
        } catch (SQLException e) {
            // pg_hba.conf need not let a replication session in from here: what else is known must do.
            LOG.debugf("no local replication session: %s", e.toString());
        }
    }

    private static Optional<Timeline> newest(Optional<Timeline> a, Optional<Timeline> b) {
        return a.isEmpty() || b.filter(t -> t.compareTo(a.get()) > 0).isPresent() ? b : a;
    }
}
