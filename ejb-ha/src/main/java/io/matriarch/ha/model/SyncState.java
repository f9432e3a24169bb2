package io.matriarch.ha.model;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The {@code sync} key: who is known to hold every acknowledged commit.
 *
 * @param leader who wrote it
 * @param standbys priority mode: each holds every acknowledged commit; quorum mode: the voters
 * @param quorum quorum mode: how many voters must be asked before one may be elected; 0 in priority mode
 */
public record SyncState(Optional<MemberName> leader, Set<MemberName> standbys, int quorum, Revision modRevision) {
    public SyncState {
        standbys = java.util.Collections.unmodifiableSet(new TreeSet<>(standbys));
    }

    public boolean contains(MemberName name) {
        return standbys.contains(name) || leader.filter(name::equals).isPresent();
    }
}
