package io.matriarch.ha.loop;

import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Revision;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** What others put before this member's loop: commands for it alone and the announcements of a leader without DCS. Never blocks. */
public final class Inbox {
    private LocalRequest request = LocalRequest.NONE;
    private boolean racing;
    private boolean leading;
    private boolean looked;
    private Optional<ClusterView> lastCluster = Optional.empty();
    private FailsafeView announced = FailsafeView.NONE;

    /**
     * Asks for something. A request to shut down replaces every other and stays.
     *
     * @return false when another request is still pending
     */
    public synchronized boolean ask(LocalRequest wanted) {
        if (wanted == LocalRequest.SHUT_DOWN) {
            request = wanted;
            return true;
        }
        boolean free = request == LocalRequest.NONE;
        if (free) {
            request = wanted;
        }
        return free;
    }

    public synchronized LocalRequest request() {
        return request;
    }

    /** The loop has carried {@code done} out. */
    synchronized void carriedOut(LocalRequest done) {
        if (request == done) {
            request = LocalRequest.NONE;
        }
    }

    /**
     * A leader without the DCS announces itself. Once accepted, this member does not race for a ttl.
     *
     * @param since when it took the leader key, if it says so
     * @param at when the announcement arrived
     * @return false when this member leads, or may be about to because its own request for the leader key is on its way; and when it has
     *     seen that the announcer lost the key: somebody may have led since, and have commits that the announcer lacks
     */
    public synchronized boolean announce(MemberName leader, Optional<Revision> since, MonotonicTime at) {
        if (!looked || racing || leading || isOver(leader, since)) {
            return false;
        }
        announced = new FailsafeView(Optional.empty(), Set.of(), Set.of(), Optional.of(leader), Optional.of(at));
        return true;
    }

    private boolean isOver(MemberName leader, Optional<Revision> since) {
        if (lastCluster.isEmpty()) {
            return false;
        }
        var seen = lastCluster.get();
        if (since.isEmpty()) {
            return seen.leaderName().filter(name -> !name.equals(leader)).isPresent();
        }
        boolean olderThanItsReign = seen.revision().value() < since.get().value();
        boolean itsReign = seen.leader()
                .filter(key ->
                        key.holder().equals(leader) && key.createRevision().equals(since.get()))
                .isPresent();
        return !olderThanItsReign && !itsReign;
    }

    /**
     * The loop is about to ask for the leader key. From here on announcements are refused, until a cycle has seen what came of it: an
     * announcement accepted between the decision and the request would license two leaders.
     *
     * @return false when a leader has announced itself within the last {@code ttl}
     */
    synchronized boolean beginRace(MonotonicTime now, Duration ttl) {
        boolean promised = announced
                .announcedAt()
                .filter(at -> now.since(at).compareTo(ttl) < 0)
                .isPresent();
        racing = racing || !promised;
        return !promised;
    }

    /** A cycle has read the DCS: whether this member leads, or runs a primary, is known. */
    synchronized void settled(boolean leads, ClusterView cluster) {
        looked = true;
        racing = false;
        leading = leads;
        lastCluster = Optional.of(cluster);
    }

    /** The DCS could not be read: a race that was begun may still be won. */
    synchronized void unsettled(boolean leads) {
        looked = true;
        leading = leads;
    }

    synchronized FailsafeView announced() {
        return announced;
    }
}
