package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.port.PostgresProbe.Answer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Asks the living postmaster: by the held session each time, and by a fresh one every few seconds, for a hung postmaster may go on
 * serving an old session while it takes no new one. Not thread safe.
 */
final class ServerLook {
    private static final Logger LOG = Logger.getLogger(ServerLook.class);
    private static final Duration FRESH_EVERY = Duration.ofSeconds(10);
    private static final Duration LEAST = Duration.ofMillis(20);

    private final PgConnections connections;
    private Optional<HeldSession> held = Optional.empty();
    private long heldPid;
    private long freshDueNanos;
    private String lastTrouble = "";

    ServerLook(PgConnections connections) {
        this.connections = connections;
    }

    /** How it answered, and what it said if it did. */
    record Found(Answer answer, Optional<HeldSession.Answer> said) {
        static Found of(Answer answer) {
            return new Found(answer, Optional.empty());
        }
    }

    /** Looks once, until {@code deadlineNanos} at most. */
    Found look(PostmasterLook.Alive postmaster, long deadlineNanos) {
        if (postmaster.pid() != heldPid) {
            close();
        }
        if (postmaster.frozen()) {
            return Found.of(Answer.SILENT);
        }
        if (postmaster.stopping()) {
            // Our own session must not be what a smart shutdown waits for.
            close();
            return Found.of(Answer.STOPPING);
        }
        Found found = ask(postmaster, deadlineNanos);
        if (found.said().isPresent() && System.nanoTime() - freshDueNanos >= 0) {
            return knock(found, deadlineNanos);
        }
        return found;
    }

    private Found ask(PostmasterLook.Alive postmaster, long deadlineNanos) {
        boolean wasHeld = held.isPresent();
        try {
            return answered(postmaster, deadlineNanos);
        } catch (SQLException e) {
            close();
            boolean again = wasHeld && SqlTrouble.of(e) == SqlTrouble.BROKEN;
            if (!again) {
                return judged(e);
            }
        }
        // The old session was ended: by an operator, by a crash of another backend, or because the server stops. A new
        // one tells.
        try {
            return answered(postmaster, deadlineNanos);
        } catch (SQLException e) {
            close();
            return judged(e);
        }
    }

    private Found answered(PostmasterLook.Alive postmaster, long deadlineNanos) throws SQLException {
        HeldSession session;
        if (held.isPresent()) {
            session = held.get();
        } else {
            session = HeldSession.open(connections, left(deadlineNanos));
            held = Optional.of(session);
            heldPid = postmaster.pid();
            freshDueNanos = System.nanoTime() + FRESH_EVERY.toNanos();
        }
        var said = session.ask(left(deadlineNanos));
        lastTrouble = "";
        return new Found(Answer.ANSWERED, Optional.of(said));
    }

    /** Opens a fresh session and drops it. Until that works again, it is tried at each look. */
    private Found knock(Found found, long deadlineNanos) {
        try (var fresh = connections.local(
                new PgConnections.Session("matriarch probe", left(deadlineNanos), LEAST.plusSeconds(1)))) {
            freshDueNanos = System.nanoTime() + FRESH_EVERY.toNanos();
            return fresh.isClosed() ? Found.of(Answer.SILENT) : found;
        } catch (SQLException e) {
            return switch (SqlTrouble.of(e)) {
                case SILENT -> {
                    report("takes no new session in time, while an old one is served");
                    yield new Found(Answer.SILENT, found.said());
                }
                case NOT_NOW, REFUSED, BROKEN, REJECTED -> found;
            };
        }
    }

    private Found judged(SQLException e) {
        return switch (SqlTrouble.of(e)) {
            case SILENT -> Found.of(Answer.SILENT);
            // STOPPING is told by the pid file: PostgreSQL's own words may be in any language.
            case NOT_NOW, REFUSED, BROKEN -> Found.of(Answer.STARTING);
            case REJECTED -> {
                // It lives and speaks; that it will not speak to us is no reason to stop it.
                String cause = e.getCause() == null ? "" : " (" + e.getCause() + ")";
                report("refuses the agent's session: " + e.getSQLState() + " " + e.getMessage() + cause);
                yield Found.of(Answer.ANSWERED);
            }
        };
    }

    /** Logs a change once, not each cycle. */
    private void report(String trouble) {
        if (!trouble.equals(lastTrouble)) {
            LOG.warnf("PostgreSQL on port %d %s", connections.localPort(), trouble);
            lastTrouble = trouble;
        }
    }

    private static Duration left(long deadlineNanos) {
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        return left.compareTo(LEAST) < 0 ? LEAST : left;
    }

    void close() {
        held.ifPresent(HeldSession::close);
        held = Optional.empty();
    }
}
