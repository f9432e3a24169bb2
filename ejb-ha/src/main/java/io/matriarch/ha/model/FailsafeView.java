package io.matriarch.ha.model;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is known of failsafe mode on this member.
 *
 * @param askedAt leader without DCS: when the last round of questions was <em>sent</em>; empty when none was
 * @param confirmedBy who accepted in that round
 * @param refusedBy who answered that it does not accept (it leads itself, or failsafe is off)
 * @param announcedLeader replica: which leader announced itself by {@code POST /failsafe}
 * @param announcedAt when that announcement arrived here
 */
public record FailsafeView(
        Optional<MonotonicTime> askedAt,
        Set<MemberName> confirmedBy,
        Set<MemberName> refusedBy,
        Optional<MemberName> announcedLeader,
        Optional<MonotonicTime> announcedAt) {
    public static final FailsafeView NONE =
            new FailsafeView(Optional.empty(), Set.of(), Set.of(), Optional.empty(), Optional.empty());

    public FailsafeView {
        confirmedBy = java.util.Collections.unmodifiableSet(new TreeSet<>(confirmedBy));
        refusedBy = java.util.Collections.unmodifiableSet(new TreeSet<>(refusedBy));
    }
}
