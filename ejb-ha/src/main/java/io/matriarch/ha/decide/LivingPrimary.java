package io.matriarch.ha.decide;

import io.matriarch.ha.model.ReplicationState;
import java.time.Duration;
import java.util.Optional;

/** Nobody holds the leader key, and the last leader's PostgreSQL may serve on. */
final class LivingPrimary {
    /** A primary that takes writes is not quiet for so long. */
    static final Duration QUIET = Duration.ofMillis(100);

    private LivingPrimary() {}

    /**
     * A leader whose key is gone although it lives (an etcd that revoked its lease too early, a deleted key) serves on until it hears of it.
     * If it does not answer in time its WAL tells: nothing more of it comes from a host that is lost or a primary that was fenced.
     */
    static Optional<String> stillSends(Cycle c) {
        var last = c.memory().lastLeader();
        boolean silent =
                last.map(c.node().peers()::get).filter(peer -> !peer.answered()).isPresent();
        boolean streams = c.node()
                .wal()
                .filter(w -> w.replicationState() == ReplicationState.STREAMING)
                .isPresent();
        boolean fromIt = c.node().configuredUpstream().flatMap(u -> u.member()).equals(last);
        boolean quiet = c.memory()
                .lastArrival()
                .filter(a -> c.now().since(a.at()).compareTo(QUIET) >= 0)
                .isPresent();
        return silent
                        && streams
                        && fromIt
                        && !quiet
                        && c.leaderlessFor().compareTo(c.config().ttl()) < 0
                ? Optional.of(last.get() + " does not answer, and its WAL may still arrive")
                : Optional.empty();
    }
}
