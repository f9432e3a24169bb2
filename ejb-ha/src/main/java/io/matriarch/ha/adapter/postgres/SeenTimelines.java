package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Timeline;
import java.util.Optional;

/**
 * The newest timeline that a running server was seen on, for all that look at it: a replica whose WAL receiver has ended no longer says
 * where it had come to, and peers compare by it. While a server runs it only grows. Thread safe.
 */
public final class SeenTimelines {
    private long pid;
    private Optional<Timeline> newest = Optional.empty();

    /** What is known of the server of that postmaster. */
    synchronized Optional<Timeline> of(long postmasterPid) {
        return pid == postmasterPid ? newest : Optional.empty();
    }

    /** It was seen on that one. */
    synchronized void seen(long postmasterPid, Timeline timeline) {
        if (pid != postmasterPid) {
            pid = postmasterPid;
            newest = Optional.empty();
        }
        if (newest.filter(known -> known.compareTo(timeline) >= 0).isEmpty()) {
            newest = Optional.of(timeline);
        }
    }
}
