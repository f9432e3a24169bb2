package io.matriarch.ha.health;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What the loop knew at the end of one cycle, as far as health is concerned. Made by the loop, read by the checks.
 *
 * @param tickedAtNanos {@link System#nanoTime()} at the end of the cycle
 * @param ttl the leader key's time to live in force; a loop that did not tick for so long is not alive
 * @param postgres state of the local PostgreSQL; {@link Postgres#NOT_OURS} on a host that is a manager only
 * @param role role in the words of the REST interface, for example {@code primary}; shown, never judged
 * @param dcsReached whether the DCS answered in this cycle, or failsafe confirmed the leader instead
 * @param leader the member that holds the leader key, if any is known
 */
public record HealthReport(
        long tickedAtNanos, Duration ttl, Postgres postgres, String role, boolean dcsReached, Optional<String> leader) {

    /** The local PostgreSQL as health sees it. */
    public enum Postgres {
        RUNNING,
        NOT_RUNNING,
        NOT_OURS
    }

    public HealthReport {
        Objects.requireNonNull(postgres);
        Objects.requireNonNull(role);
        Objects.requireNonNull(leader);
        if (ttl.isNegative() || ttl.isZero()) {
            throw new IllegalArgumentException("ttl must be positive, not " + ttl);
        }
    }
}
