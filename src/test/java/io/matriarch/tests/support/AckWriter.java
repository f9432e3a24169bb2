package io.matriarch.tests.support;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that inserts one row after the other, each in a transaction of its own, and remembers every one that was
 * confirmed: which, by whom, on which timeline and when.
 */
public abstract class AckWriter implements AutoCloseable {
    /** The shortest time between two inserts of one writer. */
    static final Duration PAUSE = Duration.ofMillis(5);

    /** Connecting costs the server more than writing does. */
    private static final Duration PAUSE_AFTER_TROUBLE = Duration.ofMillis(10);

    private static final AtomicInteger NUMBERS = new AtomicInteger(1);

    private final int number = NUMBERS.getAndIncrement();
    private final Thread thread;
    private final List<Acknowledgement> acknowledged = new ArrayList<>();
    private volatile boolean stopping;
    private volatile Optional<Session> session = Optional.empty();
    private volatile String lastTrouble = "";
    private final Map<String, Integer> refused = new ConcurrentHashMap<>();
    private long seq;

    /** One open session. */
    record Session(Endpoint endpoint, Connection connection, PreparedStatement insert) {
        static Session open(Endpoint endpoint, int socketTimeoutSeconds) throws SQLException {
            Connection connection = endpoint.connect(Endpoint.DATABASE, socketTimeoutSeconds);
            try {
                return new Session(endpoint, connection, connection.prepareStatement(AckTable.WRITE));
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }
    }

    AckWriter(String name) {
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Opens the session to write to next, or throws when none is to be had now. */
    abstract Session connect() throws SQLException;

    /** Called after each insert that was not confirmed; says whether to go on at all. */
    abstract boolean goOnAfterTrouble();

    /** Called when the server answered that it is a replica; says whether to keep the session. */
    abstract boolean keepSessionOfReplica();

    void start() {
        thread.start();
    }

    private void run() {
        boolean goOn = true;
        while (goOn && !stopping) {
            try {
                if (session.isEmpty()) {
                    session = Optional.of(connect());
                }
                writeOne(session.get());
            } catch (SQLException e) {
                lastTrouble = String.valueOf(e.getMessage());
                noteRefusal();
                dropSession();
                goOn = goOnAfterTrouble();
                LockSupport.parkNanos(PAUSE_AFTER_TROUBLE.toNanos());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        dropSession();
    }

    /** What was cut off because the writer was told to stop is nobody's refusal. */
    private void noteRefusal() {
        if (!stopping) {
            session.ifPresent(s -> refused.merge(s.endpoint().member(), 1, Integer::sum));
        }
    }

    private void writeOne(Session current) throws SQLException {
        long row = seq++;
        current.insert().setInt(1, number);
        current.insert().setLong(2, row);
        long sentAt = System.nanoTime();
        String timeline;
        try (ResultSet answer = current.insert().executeQuery()) {
            answer.next();
            timeline = answer.getString(1);
        }
        long acknowledgedAt = System.nanoTime();
        if (timeline.isEmpty()) {
            lastTrouble = current.endpoint().member() + " is a replica";
            if (!keepSessionOfReplica()) {
                dropSession();
            }
            return;
        }
        synchronized (acknowledged) {
            acknowledged.add(
                    new Acknowledgement(number, row, current.endpoint().member(), timeline, sentAt, acknowledgedAt));
        }
    }

    private void dropSession() {
        session.ifPresent(s -> {
            try {
                s.connection().close();
            } catch (SQLException alreadyBroken) {
                lastTrouble = String.valueOf(alreadyBroken.getMessage());
            }
        });
        session = Optional.empty();
    }

    /** The writer's number in the table. */
    public int number() {
        return number;
    }

    /** All confirmed rows so far. */
    public List<Acknowledgement> acknowledged() {
        synchronized (acknowledged) {
            return List.copyOf(acknowledged);
        }
    }

    /** How many inserts that were sent to this member ended with an error instead of a confirmation. */
    int refusedBy(String member) {
        return refused.getOrDefault(member, 0);
    }

    /** Why the newest insert or connect failed; empty when none ever did. */
    public String lastTrouble() {
        return lastTrouble;
    }

    /** Whether the writer still writes or tries to. */
    public boolean active() {
        return thread.isAlive();
    }

    /** Stops writing and waits for the thread; a write that hangs is cut off. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(Duration.ofSeconds(1).toMillis());
            session.ifPresent(AckWriter::abort);
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void abort(Session session) {
        try {
            session.connection().abort(Runnable::run);
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "cannot cut off " + session.endpoint().member(), e);
        }
    }
}
