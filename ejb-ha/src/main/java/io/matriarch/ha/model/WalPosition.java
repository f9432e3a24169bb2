package io.matriarch.ha.model;

import java.util.Optional;

/**
 * Where the WAL of a running PostgreSQL stands.
 *
 * @param timeline primary: its own; replica: the one that it receives or replays
 * @param written primary: flushed to disk; replica: the larger of received-and-flushed and replayed
 * @param received replica only: received and flushed by the WAL receiver
 * @param replayed replica only
 * @param leaderEnd replica only: the end of WAL that the sender last reported ({@code latest_end_lsn})
 * @param replicationState replica only, {@code NONE} on a primary
 * @param replayPaused whether replay was paused by hand
 */
public record WalPosition(
        Timeline timeline,
        Lsn written,
        Optional<Lsn> received,
        Optional<Lsn> replayed,
        Optional<Lsn> leaderEnd,
        ReplicationState replicationState,
        boolean replayPaused) {}
