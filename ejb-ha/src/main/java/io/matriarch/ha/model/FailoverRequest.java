package io.matriarch.ha.model;

import java.time.Instant;
import java.util.Optional;

/**
 * The {@code failover} key when it asks for something.
 *
 * @param leader who shall hand over; present makes it a switchover
 * @param candidate who shall take over (wire name {@code member}); empty = the best one
 * @param scheduledAt not before this wall-clock time
 * @param settled whether the candidate may take over uncompared (wire name {@code settled}, ours): the leader that released its key
 *     compared it with the others, or the operator named it while nobody led
 */
public record FailoverRequest(
        Optional<MemberName> leader,
        Optional<MemberName> candidate,
        Optional<Instant> scheduledAt,
        boolean settled,
        Revision modRevision) {

    /** What a leader leaves to {@code candidate} with its key. */
    public static FailoverRequest toSuccessor(MemberName candidate) {
        return new FailoverRequest(Optional.empty(), Optional.of(candidate), Optional.empty(), true, new Revision(0));
    }

    public boolean isSwitchover() {
        return leader.isPresent();
    }

    /** Of now: one that was planned for later says nothing of who should lead while nobody does. */
    public boolean isImmediate() {
        return scheduledAt.isEmpty();
    }

    /** Asks for one candidate, whoever leads: fulfilled, or overtaken, once somebody takes the leader key. */
    public boolean isFailover() {
        return isImmediate() && !isSwitchover();
    }

    /** Whether the candidate leads next, whatever it holds. */
    public boolean namesSuccessor() {
        return isFailover() && settled;
    }
}
