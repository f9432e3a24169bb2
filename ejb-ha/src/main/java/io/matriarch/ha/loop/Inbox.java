package io.matriarch.ha.loop;

import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** What others put before this member's loop: commands for it alone and the announcements of a leader without DCS. Never blocks. */
public final class Inbox {
    private final AtomicReference<LocalRequest> request = new AtomicReference<>(LocalRequest.NONE);
    private final AtomicReference<FailsafeView> announced = new AtomicReference<>(FailsafeView.NONE);

    /**
     * Asks for something. A request to shut down replaces every other and stays.
     *
     * @return false when another request is still pending
     */
    public boolean ask(LocalRequest wanted) {
        if (wanted == LocalRequest.SHUT_DOWN) {
            request.set(wanted);
            return true;
        }
        return request.compareAndSet(LocalRequest.NONE, wanted);
    }

    public LocalRequest request() {
        return request.get();
    }

    /** The loop has carried {@code done} out. */
    void carriedOut(LocalRequest done) {
        request.compareAndSet(done, LocalRequest.NONE);
    }

    /** Notes that {@code leader} announced itself at {@code at}: this member will not race for a ttl from then on. */
    public void announce(MemberName leader, MonotonicTime at) {
        announced.set(new FailsafeView(Optional.empty(), Set.of(), Set.of(), Optional.of(leader), Optional.of(at)));
    }

    FailsafeView announced() {
        return announced.get();
    }
}
