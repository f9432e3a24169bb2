package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.SECOND;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** One seed from an empty cluster through its faults to the end of its recovery. */
final class SeedRun {
    private static final long BOOTSTRAP_LIMIT = 60 * SECOND;
    private static final long REJOIN_LIMIT = 90 * SECOND;

    private final long seed;
    private final SimWorld world;
    private final SplittableRandom random;
    private final Faults faults;
    private final Optional<RareFaults> rare;

    /** Which faults a seed stands for. */
    enum Kind {
        /** Those that kept seeds were found with; not to be changed, or these lose their meaning. */
        USUAL,
        /** With rare ones on top. */
        ALL
    }

    private SeedRun(long seed, Kind kind, Coverage coverage, int traceLimit) {
        this.seed = seed;
        this.random = new SplittableRandom(seed ^ 0xfa17L);
        var usual = random.split();
        var profile = Faults.draw(random);
        var rarely = new SplittableRandom(seed ^ 0x7a7eL);
        boolean withRare = kind == Kind.ALL && RareFaults.wanted(rarely);
        var setup = Setup.drawn(seed);
        var drawn = withRare ? setup.with(RareFaults.unusual(setup.config(), rarely, profile)) : setup;
        this.world = new SimWorld(drawn, coverage, traceLimit);
        this.faults = new Faults(world, usual, profile);
        this.rare = withRare ? Optional.of(new RareFaults(world, rarely, profile)) : Optional.empty();
    }

    /** What is worth knowing of a run that went well. */
    record Result(long seed, long hash, long leaderAfterNanos, long allStreamingAfterNanos, long events, long rows) {}

    static Result run(long seed, Kind kind, Coverage coverage) {
        var run = new SeedRun(seed, kind, coverage, 0);
        try (run.world) {
            return run.go();
        }
    }

    /** The end of the trace of a run, whatever became of it. */
    static List<String> trace(long seed, Kind kind, int lines) {
        var run = new SeedRun(seed, kind, new Coverage(), lines);
        try (run.world) {
            run.go();
        } catch (InvariantViolation expected) {
            // It is in the trace.
        }
        return run.world.trace().lines();
    }

    /**
     * How long the cluster may be without a primary after everything works again: the longest lease that may still be out, etcd's
     * granularity, the wait for a better candidate, two cycles, crash recovery, and promotion.
     */
    static long leaderBound(Setup setup) {
        var c = setup.config();
        long lease = c.ttl().toNanos() + SimEtcd.ELECTION_EXTENSION + SimEtcd.LEASE_GRANULARITY;
        long election = 2 * c.ttl().toNanos()
                + 2 * c.loopWait().toNanos()
                + c.retryTimeout().toNanos();
        long promotion = 12 * SECOND;
        return lease + election + promotion;
    }

    private Result go() {
        rare.ifPresent(RareFaults::beforeTheFirstStart);
        world.startAgents();
        boolean early = random.nextInt(6) == 0 && !faults.isLossless();
        if (!early) {
            boolean up = world.runUntilTrue(world::allStreaming, BOOTSTRAP_LIMIT);
            world.require(
                    up, () -> "the cluster is not complete " + BOOTSTRAP_LIMIT / SECOND + " s after its first start");
            world.invariants().lossless(faults.isLossless());
        }
        long lasting = random.nextLong(15, 45) * SECOND;
        faults.begin(lasting);
        rare.ifPresent(r -> r.begin(lasting));
        world.runFor(lasting);
        rare.ifPresent(r -> r.heal(world.setup().config()));
        faults.heal();
        return recover();
    }

    private Result recover() {
        long healed = world.scheduler().now();
        long bound = leaderBound(world.setup());
        boolean led = world.runUntilTrue(() -> world.writablePrimary().isPresent(), bound);
        world.require(led, () -> "no primary " + bound / SECOND + " s after everything works again");
        long leaderAfter = world.scheduler().now() - healed;
        boolean complete = world.runUntilTrue(world::allStreaming, REJOIN_LIMIT);
        world.require(
                complete, () -> "not all members stream " + REJOIN_LIMIT / SECOND + " s after everything works again");
        long allAfter = world.scheduler().now() - healed;
        // What an operator asked for shortly before may still be carried out; then nothing moves any more.
        world.runFor(12 * SECOND);
        world.runUntilTrue(world::allStreaming, REJOIN_LIMIT);
        world.runFor(3 * SECOND);
        world.require(world.allStreaming(), () -> "the cluster does not stay complete");
        var primary = world.writablePrimary();
        world.hosts().stream()
                .filter(h -> !Optional.of(h).equals(primary))
                .forEach(h -> world.require(
                        h.postgres().disk().setAside.isEmpty(),
                        () -> h.hostName() + " streams and keeps what was set aside"));
        return new Result(
                seed,
                world.trace().hash(),
                leaderAfter,
                allAfter,
                world.scheduler().executed(),
                world.ledger().rows());
    }
}
