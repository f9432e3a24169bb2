package io.matriarch.ha.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything that this member shows, published once per cycle; immutable, read by HTTP threads.
 *
 * @param publishedAt monotonic time of the cycle
 * @param nextCycleBy when the next cycle is due at the latest: liveness is judged by it
 * @param holdsLock this member holds the leader key and its lease was safe when published
 * @param leaseSafeUntil until when {@code holdsLock} may be believed
 * @param dcsLastSeen wall-clock time of the last successful read; empty = never
 * @param failsafeActive this member goes on without the DCS by its members' confirmation
 * @param memberState the word for its PostgreSQL
 * @param memberRole the word for its role
 * @param postgresStartedAt the postmaster's start
 * @param replayedAt commit time of the last replayed transaction
 * @param pendingRestart settings waiting for a restart: name to "old -&gt; new"
 * @param jobText progress of the slow job in words; empty when none
 * @param fenceProof the last proof that PostgreSQL was fenced
 */
public record NodeStatus(
        Scope scope,
        MemberName self,
        String version,
        MonotonicTime publishedAt,
        MonotonicTime nextCycleBy,
        DcsView dcs,
        NodeView node,
        boolean holdsLock,
        Optional<MonotonicTime> leaseSafeUntil,
        Optional<Instant> dcsLastSeen,
        boolean failsafeActive,
        MemberState memberState,
        MemberRole memberRole,
        int serverVersion,
        Optional<Instant> postgresStartedAt,
        Optional<Instant> replayedAt,
        Map<String, String> pendingRestart,
        Optional<String> jobText,
        Optional<DecisionEntry> lastDecision,
        Readiness readiness,
        Optional<String> fenceProof,
        Duration cycleTook) {
    public NodeStatus {
        pendingRestart = java.util.Collections.unmodifiableMap(new TreeMap<>(pendingRestart));
    }
}
