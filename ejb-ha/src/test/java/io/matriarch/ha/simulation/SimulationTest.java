package io.matriarch.ha.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.TestReporter;

/**
 * The real loop through many random histories. {@code -Dsim.seeds=N} and {@code -Dsim.from=SEED} choose others, {@code -Dsim.kind=USUAL}
 * those without rare faults; a seed that fails is printed with the end of its trace.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SimulationTest {
    private static final int USUAL_SEEDS = 1000;
    private static final int SEEDS = Integer.getInteger("sim.seeds", USUAL_SEEDS);
    private static final long FROM = Long.getLong("sim.from", 1);
    private static final int TAIL = Integer.getInteger("sim.tail", 120);
    private static final SeedRun.Kind KIND = SeedRun.Kind.valueOf(System.getProperty("sim.kind", "ALL"));
    private static final int FAILURES_SHOWN = 8;

    /**
     * Seeds that once broke an invariant, as they were found, before there were rare faults. A change of the rules also changes what a
     * seed leads to; the most telling of these histories are therefore told again as scenarios.
     */
    private static final long[] KEPT_USUAL = {104, 125, 135, 219, 251, 317, 458, 711, 756};

    /** The same, with rare faults. */
    private static final long[] KEPT_ALL = {
        62, 616, 837, 10_038, 10_337, 10_504, 11_610, 12_842, 20_168, 20_762, 20_816, 21_013, 21_198
    };

    private static final Coverage COVERAGE = new Coverage();

    @BeforeAll
    static void silence() {
        Quiet.logs();
    }

    @Test
    @Order(1)
    void everySeedKeepsTheInvariants(TestReporter reporter) {
        var seeds = LongStream.range(FROM, FROM + SEEDS).toArray();
        long began = System.nanoTime();
        var batch = new Batch(KIND);
        onVirtualThread(() -> batch.run(seeds));
        Summary.tell(
                reporter,
                String.format(
                        "%d seeds from %d in %.1f s; primary back after at most %.1f s, all streaming after %.1f s",
                        SEEDS,
                        FROM,
                        (System.nanoTime() - began) / 1e9,
                        batch.slowestLeader / 1e9,
                        batch.slowestRejoin / 1e9));
        batch.mustHaveGoneWell();
    }

    @Test
    @Order(2)
    void everyKeptSeedKeepsTheInvariants() {
        var usual = new Batch(SeedRun.Kind.USUAL);
        var all = new Batch(SeedRun.Kind.ALL);
        onVirtualThread(() -> {
            usual.run(KEPT_USUAL);
            all.run(KEPT_ALL);
        });
        usual.mustHaveGoneWell();
        all.mustHaveGoneWell();
    }

    @Test
    @Order(3)
    void theSameSeedGivesTheSameTrace() {
        var hashes = new ArrayList<Long>();
        onVirtualThread(() -> {
            for (int i = 0; i < 2; i++) {
                for (long seed : List.of(11L, 12L, 13L)) {
                    hashes.add(
                            SeedRun.run(seed, SeedRun.Kind.ALL, new Coverage()).hash());
                }
            }
        });
        assertThat(hashes.subList(0, 3)).isEqualTo(hashes.subList(3, 6));
    }

    /** In a seed or in a scenario; a rule that nothing makes fire is one that nobody has seen at work. */
    @Test
    @Order(4)
    void everyRuleFiresSomewhere() throws IOException {
        assumeTrue(SEEDS >= USUAL_SEEDS && KIND == SeedRun.Kind.ALL, "only a whole run can tell");
        for (String file : ScenarioTest.everyScenario()) {
            var scenario = ScenarioTest.read(file);
            onVirtualThread(() -> scenario.play(COVERAGE));
        }
        assertThat(COVERAGE.never()).isEmpty();
    }

    /** Seeds one after the other, and what came of them. */
    private static final class Batch {
        private final SeedRun.Kind kind;
        private final List<String> failures = new ArrayList<>();
        private final List<Long> failed = new ArrayList<>();
        private long slowestLeader;
        private long slowestRejoin;

        private Batch(SeedRun.Kind kind) {
            this.kind = kind;
        }

        private void run(long[] seeds) {
            for (long seed : seeds) {
                try {
                    var result = SeedRun.run(seed, kind, COVERAGE);
                    slowestLeader = Math.max(slowestLeader, result.leaderAfterNanos());
                    slowestRejoin = Math.max(slowestRejoin, result.allStreamingAfterNanos());
                } catch (InvariantViolation e) {
                    failed.add(seed);
                    failures.add("seed " + seed + ": " + e.getMessage() + "\n  again: ./mvnw -pl ejb-ha test "
                            + "-Dtest=SimulationTest -Dsim.kind=" + kind + " -Dsim.seeds=1 -Dsim.from=" + seed);
                }
                if (failures.size() >= FAILURES_SHOWN) {
                    return;
                }
            }
        }

        private void mustHaveGoneWell() {
            if (!failed.isEmpty()) {
                onVirtualThread(() -> failures.add("trace of seed " + failed.get(0) + ":\n"
                        + String.join("\n", SeedRun.trace(failed.get(0), kind, TAIL))));
            }
            assertThat(failures)
                    .withFailMessage(() -> String.join("\n", failures))
                    .isEmpty();
        }
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
