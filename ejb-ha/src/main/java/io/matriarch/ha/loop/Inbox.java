package io.matriarch.ha.loop;

import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import java.util.Optional;
import java.util.Set;

/** What others put before this member's loop: commands for it alone and the announcements of a leader without DCS. Never blocks. */
public final class Inbox {
    private LocalRequest request = LocalRequest.NONE;
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

    /** Notes that {@code leader} announced itself at {@code at}: this member will not race for a ttl from then on. */
    public synchronized void announce(MemberName leader, MonotonicTime at) {
        announced = new FailsafeView(Optional.empty(), Set.of(), Set.of(), Optional.of(leader), Optional.of(at));
    }

    synchronized FailsafeView announced() {
        return announced;
    }
}
