package io.matriarch.ha.model;

import java.util.List;

/**
 * What must be known before this member's data may be judged against a leader's.
 *
 * @param leader whose facts these are
 * @param leaderSystem the leader's own system identifier, asked of its PostgreSQL
 * @param leaderTimeline the timeline that it writes
 * @param leaderIsPrimary whether it is out of recovery
 * @param leaderHistory its timeline history, oldest first
 * @param localHistory the local history file of {@code localTimeline}, oldest first; empty on timeline 1
 * @param localTimeline this member's last timeline
 * @param localEnd the end of this member's valid WAL on it
 */
public record RejoinEvidence(
        MemberName leader,
        SystemIdentifier leaderSystem,
        Timeline leaderTimeline,
        boolean leaderIsPrimary,
        List<TimelineSwitch> leaderHistory,
        List<TimelineSwitch> localHistory,
        Timeline localTimeline,
        Lsn localEnd) {
    public RejoinEvidence {
        leaderHistory = List.copyOf(leaderHistory);
        localHistory = List.copyOf(localHistory);
    }
}
