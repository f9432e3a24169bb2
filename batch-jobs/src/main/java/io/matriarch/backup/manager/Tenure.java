package io.matriarch.backup.manager;

import java.util.function.BooleanSupplier;

/**
 * The time for which one manager is the elected one.
 *
 * @param manager its name
 * @param token the fencing token: the revision of etcd at which it took the lock. A later tenure has a larger one
 * @param held whether it certainly still lasts: false from the moment on at which the lease may be over, whatever etcd says later. Does not
 *     block
 */
public record Tenure(String manager, long token, BooleanSupplier held) {

    /** Whether it certainly still lasts. */
    public boolean isHeld() {
        return held.getAsBoolean();
    }
}
