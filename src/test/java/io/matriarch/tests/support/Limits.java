package io.matriarch.tests.support;

import java.time.Duration;

/**
 * How long each fault may cost in a test. A test runs on busy machines too, so each bound is the promise plus slack for
 * scheduling; the promises themselves are measured by {@code deploy/bench}. {@code -Dmatriarch.tests.slack} sets the
 * slack in
 * seconds.
 */
public final class Limits {
    /** What a busy machine may add to any bound. */
    public static final Duration SLACK = Duration.ofSeconds(Long.getLong("matriarch.tests.slack", 8));

    /** Nobody should notice anything. */
    public static final Duration UNDISTURBED = Duration.ofSeconds(1).plus(SLACK.dividedBy(4));

    /** The postmaster died, its agent lives: 2 s. */
    public static final Duration CRASH = Duration.ofSeconds(2).plus(SLACK);

    /** A switchover: 1 s. */
    public static final Duration SWITCHOVER = Duration.ofSeconds(1).plus(SLACK);

    /** The host, or the agent with its lease, is gone: 6 s with the default ttl of 5 s. */
    public static final Duration HOST_LOSS = Duration.ofSeconds(6).plus(SLACK);

    /** A postmaster that hangs is noticed by probes that time out, then stopped by force. */
    public static final Duration FROZEN_POSTMASTER = Duration.ofSeconds(60).plus(SLACK);

    private Limits() {}
}
