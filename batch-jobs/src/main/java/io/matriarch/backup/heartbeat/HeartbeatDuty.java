package io.matriarch.backup.heartbeat;

import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.manager.Duty;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.ha.api.BackupFacts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Keeps the heartbeat row young while this manager is the elected one. Nothing waits for it, and nothing follows when it fails but a word. */
@ApplicationScoped
public class HeartbeatDuty implements Duty {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** How soon a changed configuration is seen while it is off. */
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final BackupFacts cluster;
    private Optional<Thread> running = Optional.empty();

    /** For the container's proxy. */
    protected HeartbeatDuty() {
        this(BackupFacts.none());
    }

    @Inject
    public HeartbeatDuty(BackupFacts cluster) {
        this.cluster = cluster;
    }

    @Override
    public synchronized void begin(Tenure tenure) {
        running = Optional.of(
                Thread.ofPlatform().daemon().name("matriarch-heartbeat").start(() -> run(tenure)));
    }

    @Override
    public synchronized void end() {
        running.ifPresent(Thread::interrupt);
        running = Optional.empty();
    }

    private void run(Tenure tenure) {
        var said = "";
        var period = LOOK;
        while (!Thread.currentThread().isInterrupted() && !tenure.ended().getAsBoolean()) {
            String problem;
            try {
                var wanted = cluster.policy().policy().verification().heartbeat();
                period = wanted.isZero() ? LOOK : wanted;
                problem = wanted.isZero() || !tenure.isHeld() ? "" : beat(tenure, wanted);
            } catch (IOException | SQLException | RuntimeException e) {
                // Also by a bug: the thread must not end without a word.
                problem = "it could not be written: " + e.getMessage();
            }
            if (!problem.equals(said)) {
                said = problem;
                if (problem.isEmpty()) {
                    LOG.info("[heartbeat] it is written again, or switched off");
                } else {
                    LOG.warnf("[heartbeat] %s", problem);
                }
            }
            LockSupport.parkNanos(period.toNanos());
        }
    }

    /** What keeps it from being written; empty when it was, or when nobody leads whom it could be written on. */
    private String beat(Tenure tenure, Duration period) throws IOException, SQLException {
        var settings = cluster.settings();
        var leader = cluster.leader();
        if (settings.isEmpty() || leader.isEmpty()) {
            return "";
        }
        var to = leader.get();
        var source =
                new Source(to.member(), to.host(), to.port(), settings.get().database());
        var login = new Login(settings.get().superuser(), settings.get().superuserPassword());
        return switch (new Pulse(login, tenure.manager()).beat(source, period)) {
            case WRITTEN, NO_PRIMARY -> "";
            case PUBLISHED ->
                "it is not written: a publication of all tables in the database " + source.database()
                        + " would send it to subscribers that have no such table";
        };
    }
}
