package io.matriarch.ha.model;

import java.time.Duration;

/**
 * The part of the dynamic configuration that decisions depend on, after defaults and limits.
 *
 * @param ttl life of the leader's lease without renewal
 * @param loopWait longest pause between two cycles
 * @param retryTimeout budget of one DCS operation
 * @param fenceMargin how long before the end of the lease the fence stops PostgreSQL
 * @param maximumLagOnFailoverBytes a replica further behind the last known leader position must not take over
 * @param checkTimeline whether a replica on an older timeline must not take over
 * @param primaryStartTimeout how long a crashed primary may recover in place; zero = never in place
 * @param primaryStopTimeout in synchronous mode, how long a stop may last; zero = no limit
 * @param synchronousNodeCount how many synchronous standbys are wanted
 * @param failsafeMode whether a leader that lost the DCS goes on while every member confirms it
 * @param usePgRewind whether a diverged member may be rewound (its WAL is saved first)
 * @param recloneOnDivergence whether a diverged member that cannot be rewound may be cloned anew (the old directory is kept aside)
 * @param memberSlotsTtl how long the slot of a vanished member is kept
 * @param maxTimelinesHistory rows kept in {@code history}; 0 = all
 */
public record ClusterConfig(
        Duration ttl,
        Duration loopWait,
        Duration retryTimeout,
        Duration fenceMargin,
        long maximumLagOnFailoverBytes,
        boolean checkTimeline,
        Duration primaryStartTimeout,
        Duration primaryStopTimeout,
        SynchronousMode synchronousMode,
        boolean synchronousModeStrict,
        int synchronousNodeCount,
        long maximumLagOnSyncnodeBytes,
        boolean failsafeMode,
        boolean pause,
        boolean usePgRewind,
        boolean recloneOnDivergence,
        Duration memberSlotsTtl,
        int maxTimelinesHistory) {

    private static final long MEBIBYTE = 1L << 20;

    /** What holds before any configuration was read: the defaults of a cluster that Matriarch bootstraps. */
    public static final ClusterConfig DEFAULTS = new ClusterConfig(
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            MEBIBYTE,
            false,
            Duration.ofSeconds(300),
            Duration.ZERO,
            SynchronousMode.OFF,
            false,
            1,
            -1,
            true,
            false,
            true,
            true,
            Duration.ofMinutes(30),
            0);
}
