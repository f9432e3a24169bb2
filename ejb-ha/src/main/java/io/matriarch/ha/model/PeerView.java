package io.matriarch.ha.model;

import java.util.Optional;

/**
 * What a member answered to {@code GET <api_url>} just now.
 *
 * @param liveness {@code ALIVE} when it answered with a status document, else {@code UNKNOWN}; silence never means {@code DEAD}
 * @param role from its PostgreSQL; {@code UNKNOWN} when that did not answer
 * @param state its own word for its PostgreSQL
 * @param wal its position: primary flushed, replica the larger of received and replayed
 * @param walFreeBytes free space where its WAL lives, if it says so
 * @param leaderSeen whom its own agent sees as the leader, if it says so
 */
public record PeerView(
        MemberName name,
        Liveness liveness,
        PostgresRole role,
        Optional<MemberState> state,
        Optional<Timeline> timeline,
        Optional<Lsn> wal,
        ReplicationState replicationState,
        Tags tags,
        boolean watchdogFailed,
        Optional<Long> walFreeBytes) {

    public static PeerView silent(MemberName name) {
        return new PeerView(
                name,
                Liveness.UNKNOWN,
                PostgresRole.UNKNOWN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                ReplicationState.NONE,
                Tags.NONE,
                false,
                Optional.empty());
    }

    public boolean answered() {
        return liveness == Liveness.ALIVE;
    }
}
