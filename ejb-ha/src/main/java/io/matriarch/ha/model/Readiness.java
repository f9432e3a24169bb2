package io.matriarch.ha.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What would happen if the primary died now.
 *
 * @param successor who would take over; empty = nobody
 * @param within worst time until writes are accepted again
 * @param lossBytes at most this much acknowledged WAL would be lost; 0 when the successor is a synchronous standby
 * @param because one sentence, also when nobody could take over
 * @param rejected who could not, and why
 */
public record Readiness(
        Optional<MemberName> successor,
        Duration within,
        Optional<Long> lossBytes,
        String because,
        List<RejectedCandidate> rejected) {
    public Readiness {
        rejected = List.copyOf(rejected);
    }
}
