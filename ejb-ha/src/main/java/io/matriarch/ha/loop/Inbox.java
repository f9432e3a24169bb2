package io.matriarch.ha.loop;

import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** What others put before this member's loop: commands for it alone and the announcements of a leader without DCS. Never blocks. */
public final class Inbox {
    private LocalRequest request = LocalRequest.NONE;
    private boolean racing;
    private boolean leading;
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
     * @param at when the announcement arrived
     * @return false when this member leads, or may be about to: its own request for the leader key is on its way
     */
    public synchronized boolean announce(MemberName leader, MonotonicTime at) {
        if (racing || leading) {
            return false;
        }
        announced = new FailsafeView(Optional.empty(), Set.of(), Set.of(), Optional.of(leader), Optional.of(at));
        return true;
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
    synchronized void settled(boolean leads) {
        racing = false;
        leading = leads;
    }

    /** The DCS could not be read: a race that was begun may still be won. */
    synchronized void unsettled(boolean leads) {
        leading = leads;
    }

    synchronized FailsafeView announced() {
        return announced;
    }
}
