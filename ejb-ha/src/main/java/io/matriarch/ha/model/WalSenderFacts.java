package io.matriarch.ha.model;

import java.util.Optional;

/**
 * One row of the primary's {@code pg_stat_replication}.
 *
 * @param flushed what that replica has confirmed as flushed
 * @param clientAddress empty for a Unix socket
 * @param state {@code streaming}, {@code catchup} ...
 * @param syncState {@code async}, {@code sync}, {@code potential}, {@code quorum}
 */
public record WalSenderFacts(
        String applicationName,
        String userName,
        Optional<String> clientAddress,
        String state,
        String syncState,
        int syncPriority,
        Optional<Lsn> flushed,
        Optional<Lsn> replayed) {}
