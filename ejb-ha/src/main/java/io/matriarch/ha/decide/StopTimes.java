package io.matriarch.ha.decide;

import java.time.Duration;

/** How long stops may take before the next harder way follows. */
final class StopTimes {
    static final Duration AT_ONCE = Duration.ofSeconds(2);
    static final Duration FAST = Duration.ofSeconds(60);
    private static final Duration FAST_HANDOVER = Duration.ofSeconds(10);

    private StopTimes() {}

    static Duration fast(Cycle c) {
        var configured = c.config().primaryStopTimeout();
        return configured.isZero() ? FAST : configured;
    }

    /** In a hand-over clients wait: a walsender or archiver that hangs must not cost a minute. */
    static Duration handover(Cycle c) {
        var configured = c.config().primaryStopTimeout();
        return configured.isZero() ? FAST_HANDOVER : configured;
    }
}
