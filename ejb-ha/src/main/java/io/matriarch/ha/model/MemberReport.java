package io.matriarch.ha.model;

import java.util.Optional;

/**
 * What a member says of itself in its member key (Patroni's fields, see patroni/ha.py touch_member).
 *
 * @param connUrl {@code postgres://host:port/database}, without credentials
 * @param apiUrl the URL that peers GET, ending in {@code /patroni}
 * @param version dotted integers, at least 4.0.0 for Patroni's sake
 * @param agent {@code matriarch/<version>}; empty for a member that is not ours
 * @param xlogLocation primary: flushed; replica: the larger of received and replayed
 * @param checkpointAfterPromote {@code true} while the leader's first checkpoint on its new timeline is still to come
 * @param walFreeBytes bytes free where the WAL lives, if the member says so (ours only)
 */
public record MemberReport(
        String connUrl,
        String apiUrl,
        Optional<String> proxyUrl,
        MemberState state,
        MemberRole role,
        String version,
        Optional<String> agent,
        Tags tags,
        Optional<Lsn> xlogLocation,
        Optional<Lsn> receiveLsn,
        Optional<Lsn> replayLsn,
        ReplicationState replicationState,
        Optional<Timeline> timeline,
        boolean checkpointAfterPromote,
        boolean pendingRestart,
        boolean pause,
        Optional<Long> walFreeBytes) {

    public boolean isMatriarch() {
        return agent.filter(a -> a.startsWith("matriarch/")).isPresent();
    }
}
