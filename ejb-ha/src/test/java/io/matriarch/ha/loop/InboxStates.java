package io.matriarch.ha.loop;

import io.matriarch.ha.model.ClusterView;

/** Brings an {@link Inbox} into the states that the loop brings it into, for tests outside of this package. */
public final class InboxStates {
    private InboxStates() {}

    /** A cycle has read the DCS. */
    public static void looked(Inbox inbox, boolean leads, ClusterView cluster) {
        inbox.settled(leads, cluster);
    }
}
