package io.matriarch.ha.model;

import java.time.Instant;
import java.util.Optional;

/**
 * The {@code failover} key when it asks for something.
 *
 * @param leader who shall hand over; present makes it a switchover
 * @param candidate who shall take over (wire name {@code member}); empty = the best one
 * @param scheduledAt not before this wall-clock time
 */
public record FailoverRequest(
        Optional<MemberName> leader,
        Optional<MemberName> candidate,
        Optional<Instant> scheduledAt,
        Revision modRevision) {

    public boolean isSwitchover() {
        return leader.isPresent();
    }

    /** Of now: one that was planned for later says nothing of who should lead while nobody does. */
    public boolean isImmediate() {
        return scheduledAt.isEmpty();
    }

    /** As a leader writes it when it gives the leader key back to whom it has seen to hold everything. */
    public boolean namesSuccessor() {
        return isImmediate() && !isSwitchover();
    }
}
