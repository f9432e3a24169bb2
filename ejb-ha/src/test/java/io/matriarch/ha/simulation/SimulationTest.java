package io.matriarch.ha.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The real loop through many random histories. {@code -Dsim.seeds=N} and {@code -Dsim.from=SEED} choose others; a seed that fails is
 * printed with the end of its trace.
 */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("sim.seeds", 1000);
    private static final long FROM = Long.getLong("sim.from", 1);
    private static final int TAIL = Integer.getInteger("sim.tail", 120);
    private static final int FAILURES_SHOWN = 8;

    @BeforeAll
    static void silence() {
        Quiet.logs();
    }

    @Test
    void everySeedKeepsTheInvariants() {
        var failures = new ArrayList<String>();
        var failed = new ArrayList<Long>();
        var coverage = new Coverage();
        var slowestLeader = new long[1];
        var slowestRejoin = new long[1];
        long began = System.nanoTime();
        onVirtualThread(() -> {
            for (long seed = FROM; seed < FROM + SEEDS && failures.size() < FAILURES_SHOWN; seed++) {
                try {
                    var result = SeedRun.run(seed, coverage);
                    slowestLeader[0] = Math.max(slowestLeader[0], result.leaderAfterNanos());
                    slowestRejoin[0] = Math.max(slowestRejoin[0], result.allStreamingAfterNanos());
                } catch (InvariantViolation e) {
                    failed.add(seed);
                    failures.add("seed " + seed + ": " + e.getMessage() + "\n  again: mvn -pl ejb-ha test "
                            + "-Dtest=SimulationTest -Dsim.seeds=1 -Dsim.from=" + seed);
                }
            }
        });
        System.out.printf(
                "simulation: %d seeds from %d in %.1f s; primary back after at most %.1f s, all streaming after %.1f s%n",
                SEEDS, FROM, (System.nanoTime() - began) / 1e9, slowestLeader[0] / 1e9, slowestRejoin[0] / 1e9);
        System.out.println("simulation: rules that never fired: " + coverage.never());
        if (!failed.isEmpty()) {
            onVirtualThread(() -> failures.add(
                    "trace of seed " + failed.get(0) + ":\n" + String.join("\n", SeedRun.trace(failed.get(0), TAIL))));
        }
        assertThat(failures).withFailMessage(() -> String.join("\n", failures)).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameTrace() {
        var hashes = new ArrayList<Long>();
        onVirtualThread(() -> {
            for (int i = 0; i < 2; i++) {
                for (long seed : List.of(11L, 12L, 13L)) {
                    hashes.add(SeedRun.run(seed, new Coverage()).hash());
                }
            }
        });
        assertThat(hashes.subList(0, 3)).isEqualTo(hashes.subList(3, 6));
    }

    /** Handing over between virtual threads is many times cheaper than between the kernel's. */
    static void onVirtualThread(Runnable work) {
        var thrown = new AtomicReference<Throwable>();
        var thread = Thread.ofVirtual().unstarted(work);
        thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thrown.get() != null) {
            throw new AssertionError(thrown.get().getMessage(), thrown.get());
        }
    }
}
