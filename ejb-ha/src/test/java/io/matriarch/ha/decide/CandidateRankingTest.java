package io.matriarch.ha.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.decide.CandidateRanking.Candidate;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Properties over seeded random sets; a failure names its seed. */
class CandidateRankingTest {
    private static final int SEEDS = 300;

    @Test
    void orderIsAntisymmetricAndConsistentWithEquality() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var all = candidates(seed);
            for (var a : all) {
                for (var b : all) {
                    int ab = Integer.signum(CandidateRanking.BEST_FIRST.compare(a, b));
                    int ba = Integer.signum(CandidateRanking.BEST_FIRST.compare(b, a));
                    assertThat(ab).as("seed %d: %s, %s", seed, a, b).isEqualTo(-ba);
                    assertThat(ab == 0).as("seed %d: %s, %s", seed, a, b).isEqualTo(a.equals(b));
                }
            }
        }
    }

    @Test
    void orderIsTransitive() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var all = candidates(seed);
            for (var a : all) {
                for (var b : all) {
                    for (var c : all) {
                        if (before(a, b) && before(b, c)) {
                            assertThat(before(a, c))
                                    .as("seed %d: %s, %s, %s", seed, a, b, c)
                                    .isTrue();
                        }
                    }
                }
            }
        }
    }

    @Test
    void bestDoesNotDependOnTheOrderOfTheAnswers() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var all = candidates(seed);
            var best = Collections.min(all, CandidateRanking.BEST_FIRST);
            var shuffled = new ArrayList<>(all);
            Collections.shuffle(shuffled, new Random(~seed));
            assertThat(Collections.min(shuffled, CandidateRanking.BEST_FIRST))
                    .as("seed %d", seed)
                    .isEqualTo(best);
        }
    }

    @Test
    void bestNeverHasTheShorterDurableHistory() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var all = candidates(seed);
            var best = Collections.min(all, CandidateRanking.BEST_FIRST);
            assertThat(all).as("seed %d", seed).noneMatch(c -> c.holdsMoreThan(best));
        }
    }

    @Test
    void twoNeverBothHoldMore() {
        for (int seed = 0; seed < SEEDS; seed++) {
            var all = candidates(seed);
            for (var a : all) {
                for (var b : all) {
                    assertThat(a.holdsMoreThan(b) && b.holdsMoreThan(a))
                            .as("seed %d", seed)
                            .isFalse();
                    assertThat(a.holdsTheSameAs(b) && a.holdsMoreThan(b))
                            .as("seed %d", seed)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void positionsAreComparedUnsigned() {
        var high = new Candidate(new MemberName("a"), new Timeline(1), new Lsn(-1L), 1);
        var low = new Candidate(new MemberName("b"), new Timeline(1), new Lsn(1L), 9);

        assertThat(before(high, low)).isTrue();
    }

    private static boolean before(Candidate a, Candidate b) {
        return CandidateRanking.BEST_FIRST.compare(a, b) < 0;
    }

    /** Few values for each part, so that ties are common. */
    private static List<Candidate> candidates(int seed) {
        var random = new Random(seed);
        var all = new ArrayList<Candidate>();
        for (int i = 0; i < 8; i++) {
            all.add(new Candidate(
                    new MemberName("pg" + i),
                    new Timeline(1 + random.nextInt(3)),
                    new Lsn(random.nextInt(3) - 1L),
                    random.nextInt(3)));
        }
        return all;
    }
}
