package io.matriarch.backup.base;

import java.util.Optional;

/** Who leads the cluster. Asked right before a copy and right after it; must not answer from memory. */
@FunctionalInterface
public interface Leadership {

    /**
     * One reign: the same leader that lost its key and took it again is another one.
     *
     * @param leader its name
     * @param since the revision at which the leader key was created
     */
    record Reign(String leader, long since) {}

    /**
     * Who leads now; empty when nobody does.
     *
     * @throws java.io.IOException when that cannot be known
     */
    Optional<Reign> now() throws java.io.IOException;
}
