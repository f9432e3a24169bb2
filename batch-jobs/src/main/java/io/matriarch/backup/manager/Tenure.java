package io.matriarch.backup.manager;

import io.matriarch.ha.api.Coordination.Licence;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The time for which one manager is the elected one.
 *
 * @param manager its name
 * @param token the fencing token: the revision of etcd at which it took the lock. A later tenure has a larger one
 * @param held whether it certainly still lasts: false from the moment on at which the lease may be over, whatever etcd says later. Does not
 *     block
 * @param ended whether it certainly is over. Between the two nobody knows, since etcd does not answer
 */
public record Tenure(String manager, long token, BooleanSupplier held, BooleanSupplier ended) {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofMillis(100);

    /**
     * Returns when it is certain that the tenure lasts. While etcd does not answer nobody knows: that is waited for, since the work of
     * hours may hang on it.
     *
     * @param what is to be done under it
     * @throws IOException if it has ended, or nobody knew for five minutes
     */
    public void requireHeld(String what) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isHeld()) {
            if (ended.getAsBoolean()
                    || System.nanoTime() - deadline > 0
                    || Thread.currentThread().isInterrupted()) {
                throw new IOException(what + " is refused: " + manager
                        + " is no longer certainly the elected manager (token " + token + ")");
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** What a write to etcd under this tenure carries. */
    public Licence licence() {
        return new Licence(Election.LOCK, token);
    }

    /** Whether it certainly still lasts. */
    public boolean isHeld() {
        return held.getAsBoolean();
    }
}
