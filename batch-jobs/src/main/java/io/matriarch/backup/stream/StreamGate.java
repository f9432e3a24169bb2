package io.matriarch.backup.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Whether the stream goes on, and a way to wait that ends when it does not. Thread safe. */
final class StreamGate {
    private final BooleanSupplier held;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean ended;
    private Optional<ReplicationSession> open = Optional.empty();

    /** @param held whether this manager is still the elected one */
    StreamGate(BooleanSupplier held) {
        this.held = held;
    }

    /** Whether it was not ended: it may go on later, when etcd has answered again. */
    boolean isOpen() {
        lock.lock();
        try {
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it may do something now. */
    boolean goesOn() {
        lock.lock();
        try {
            return !ended && held.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** From now on {@link #reconnect} and {@link #end} close this session. */
    void uses(ReplicationSession session) {
        lock.lock();
        try {
            open = Optional.of(session);
            if (ended) {
                session.close();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Breaks the stream that runs; it begins anew with whoever leads then. */
    void reconnect() {
        lock.lock();
        try {
            open.ifPresent(ReplicationSession::close);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all of it. */
    void end() {
        lock.lock();
        try {
            ended = true;
            reconnect();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, for a shorter time when something happens. */
    void await(Duration time) {
        lock.lock();
        try {
            if (!ended && !changed.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            ended = true;
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
