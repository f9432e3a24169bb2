package io.matriarch.ha.simulation;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * What a run begins with.
 *
 * @param drift how far apart the fastest and the slowest clock run, as a share
 * @param rowBytes the largest row
 */
record Setup(long seed, int members, ClusterConfig config, double drift, long rowBytes) {

    static Setup plain(long seed) {
        return new Setup(seed, 3, ClusterConfig.DEFAULTS, 0, 4096);
    }

    /** Drawn from the seed: mostly three members with our defaults. */
    static Setup drawn(long seed) {
        var random = new SplittableRandom(seed ^ 0x5e70L);
        int members = random.nextInt(10) < 8 ? 3 : random.nextBoolean() ? 2 : 5;
        var mode = switch (random.nextInt(6)) {
            case 0, 1 -> SynchronousMode.PRIORITY;
            case 2 -> SynchronousMode.QUORUM;
            default -> SynchronousMode.OFF;
        };
        int timing = random.nextInt(10);
        int ttl = timing < 7 ? 5 : timing < 9 ? 3 : 10;
        int retry = ttl == 3 ? 1 : 2;
        var config = config(
                Duration.ofSeconds(ttl),
                Duration.ofSeconds(1),
                Duration.ofSeconds(retry),
                mode,
                random.nextInt(4) == 0,
                random.nextInt(5) != 0,
                random.nextInt(5) != 0);
        return new Setup(seed, members, config, random.nextInt(3) == 0 ? 0.02 : 0.0005, 8192);
    }

    static ClusterConfig config(
            Duration ttl,
            Duration loopWait,
            Duration retry,
            SynchronousMode mode,
            boolean strict,
            boolean failsafe,
            boolean rewind) {
        var d = ClusterConfig.DEFAULTS;
        var margin = ttl.dividedBy(5);
        return new ClusterConfig(
                ttl,
                loopWait,
                retry,
                margin.compareTo(Duration.ofMillis(500)) < 0 ? Duration.ofMillis(500) : margin,
                d.maximumLagOnFailoverBytes(),
                d.checkTimeline(),
                d.primaryStartTimeout(),
                d.primaryStopTimeout(),
                mode,
                strict,
                d.synchronousNodeCount(),
                d.maximumLagOnSyncnodeBytes(),
                failsafe,
                false,
                rewind,
                d.recloneOnDivergence(),
                d.memberSlotsTtl(),
                d.maxTimelinesHistory());
    }

    Setup with(ClusterConfig changed) {
        return new Setup(seed, members, changed, drift, rowBytes);
    }

    static ClusterConfig paused(ClusterConfig c, boolean pause) {
        return changed(
                c,
                c.primaryStartTimeout(),
                c.synchronousMode(),
                c.failsafeMode(),
                pause,
                c.usePgRewind(),
                c.recloneOnDivergence());
    }

    static ClusterConfig withStartTimeout(ClusterConfig c, Duration limit) {
        return changed(
                c, limit, c.synchronousMode(), c.failsafeMode(), c.pause(), c.usePgRewind(), c.recloneOnDivergence());
    }

    static ClusterConfig withRejoin(ClusterConfig c, boolean rewind, boolean reclone) {
        return changed(c, c.primaryStartTimeout(), c.synchronousMode(), c.failsafeMode(), c.pause(), rewind, reclone);
    }

    static ClusterConfig withMode(ClusterConfig c, SynchronousMode mode) {
        return changed(
                c,
                c.primaryStartTimeout(),
                mode,
                c.failsafeMode(),
                c.pause(),
                c.usePgRewind(),
                c.recloneOnDivergence());
    }

    static ClusterConfig withFailsafe(ClusterConfig c, boolean failsafe) {
        return changed(
                c,
                c.primaryStartTimeout(),
                c.synchronousMode(),
                failsafe,
                c.pause(),
                c.usePgRewind(),
                c.recloneOnDivergence());
    }

    private static ClusterConfig changed(
            ClusterConfig c,
            Duration startTimeout,
            SynchronousMode mode,
            boolean failsafe,
            boolean pause,
            boolean rewind,
            boolean reclone) {
        return new ClusterConfig(
                c.ttl(),
                c.loopWait(),
                c.retryTimeout(),
                c.fenceMargin(),
                c.maximumLagOnFailoverBytes(),
                c.checkTimeline(),
                startTimeout,
                c.primaryStopTimeout(),
                mode,
                c.synchronousModeStrict(),
                c.synchronousNodeCount(),
                c.maximumLagOnSyncnodeBytes(),
                failsafe,
                pause,
                rewind,
                reclone,
                c.memberSlotsTtl(),
                c.maxTimelinesHistory());
    }
}
