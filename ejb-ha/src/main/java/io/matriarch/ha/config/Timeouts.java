package io.matriarch.ha.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * ttl, loop_wait, retry_timeout and the fence's margin, brought into agreement.
 *
 * @param notes what had to be changed, and why
 */
record Timeouts(
        long ttlSeconds, long loopWaitSeconds, long retryTimeoutSeconds, Duration fenceMargin, List<Note> notes) {

    private static final long LEAST_LOOP_WAIT_S = 1;
    private static final long LEAST_RETRY_TIMEOUT_S = 1;
    private static final int MARGIN_SHARE = 5;
    private static final Duration TIGHT = Duration.ofMillis(100);

    /**
     * With foreign members the three seconds are computed exactly as Patroni computes them, because all members must
     * arrive at the same numbers. Without, our own lower limits hold, and {@code loop_wait + retry_timeout + margin <
     * ttl}: a single slow cycle then never reaches the fence's deadline.
     */
    static Timeouts agree(
            long ttl, long loopWait, long retryTimeout, Optional<Duration> wishedMargin, boolean foreignMembers) {
        return foreignMembers
                ? likePatroni(ttl, loopWait, retryTimeout, wishedMargin)
                : calm(ttl, loopWait, retryTimeout, wishedMargin);
    }

    private static Duration usualMargin(long ttl) {
        Duration share = Duration.ofSeconds(ttl).dividedBy(MARGIN_SHARE);
        return share.compareTo(DynamicConfig.LEAST_FENCE_MARGIN) < 0 ? DynamicConfig.LEAST_FENCE_MARGIN : share;
    }

    private static Timeouts likePatroni(long ttl, long storedLoop, long storedRetry, Optional<Duration> wishedMargin) {
        List<Note> notes = new ArrayList<>();
        long loop = storedLoop;
        long retry = storedRetry;
        String why = "loop_wait + 2 * retry_timeout must not exceed ttl (" + ttl + ")";
        if (LEAST_LOOP_WAIT_S + 2 * retry > ttl) {
            loop = LEAST_LOOP_WAIT_S;
            retry = (ttl - LEAST_LOOP_WAIT_S) / 2;
        } else if (loop + 2 * retry > ttl) {
            loop = ttl - 2 * retry;
        }
        noteSeconds(notes, "loop_wait", storedLoop, loop, why);
        noteSeconds(notes, "retry_timeout", storedRetry, retry, why);
        Duration margin = wishedMargin.orElse(usualMargin(ttl));
        Duration room = Duration.ofSeconds(ttl - loop - retry).minus(TIGHT);
        if (margin.compareTo(room) > 0) {
            noteMargin(notes, margin, room, "loop_wait + retry_timeout + margin must stay below ttl (" + ttl + ")");
            margin = room;
        }
        return new Timeouts(ttl, loop, retry, margin, List.copyOf(notes));
    }

    private static Timeouts calm(long ttl, long storedLoop, long storedRetry, Optional<Duration> wishedMargin) {
        List<Note> notes = new ArrayList<>();
        String why = "loop_wait + retry_timeout + fence margin must stay below ttl (" + ttl + ")";
        Duration margin = wishedMargin.orElse(usualMargin(ttl));
        Duration most = Duration.ofSeconds(ttl - LEAST_LOOP_WAIT_S - LEAST_RETRY_TIMEOUT_S)
                .minus(TIGHT);
        if (margin.compareTo(most) > 0) {
            noteMargin(notes, margin, usualMargin(ttl), why);
            margin = usualMargin(ttl);
        }
        // Whole seconds that loop_wait and retry_timeout may have together.
        long room = (Duration.ofSeconds(ttl).minus(margin).toMillis() - 1) / 1000;
        long loop = Math.max(LEAST_LOOP_WAIT_S, Math.min(storedLoop, room - storedRetry));
        long retry = Math.max(LEAST_RETRY_TIMEOUT_S, Math.min(storedRetry, room - loop));
        noteSeconds(notes, "loop_wait", storedLoop, loop, why);
        noteSeconds(notes, "retry_timeout", storedRetry, retry, why);
        return new Timeouts(ttl, loop, retry, margin, List.copyOf(notes));
    }

    private static void noteSeconds(List<Note> notes, String key, long stored, long used, String why) {
        if (stored != used) {
            notes.add(new Note(key, Long.toString(stored), Long.toString(used), why));
        }
    }

    private static void noteMargin(List<Note> notes, Duration stored, Duration used, String why) {
        notes.add(new Note("matriarch.fence.margin", stored.toMillis() + "ms", used.toMillis() + "ms", why));
    }
}
