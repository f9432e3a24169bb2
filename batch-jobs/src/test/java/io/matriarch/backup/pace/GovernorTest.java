package io.matriarch.backup.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.pace.Governor.Reading;
import io.matriarch.backup.pace.Pace.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GovernorTest {
    private static final long MIB = 1 << 20;
    private static final Limits LIMITS = new Limits(25, MIB, Optional.empty());
    private static final Governor GOVERNOR = new Governor(LIMITS);

    private static Duration ms(double milliseconds) {
        return Duration.ofNanos((long) (milliseconds * 1e6));
    }

    private static Pace at(long rate) {
        return new Pace(rate, Optional.of(ms(4)), Optional.of(ms(4)), Reason.UNNOTICED, true, 0);
    }

    private static Pace next(Pace pace, double latency) {
        return GOVERNOR.next(pace, new Reading(Optional.of(ms(latency)), pace.bytesPerSecond()));
    }

    @Test
    void aCopyBeginsAtTheFloorAndGrowsWhileNobodyNotices() {
        var first = GOVERNOR.begin(Optional.of(ms(4)));
        assertThat(first.bytesPerSecond()).isEqualTo(MIB);
        assertThat(first.reason()).isEqualTo(Reason.BEGINS);

        var second = next(first, 4.1);

        assertThat(second.bytesPerSecond()).isGreaterThan(MIB);
        assertThat(second.reason()).isEqualTo(Reason.UNNOTICED);
        assertThat(second.words()).isEmpty();
    }

    @Test
    void aPrimaryThatAnswersTooLateHalvesTheRateAndSaysSo() {
        var slowed = next(at(40 * MIB), 12);

        assertThat(slowed.bytesPerSecond()).isEqualTo(20 * MIB);
        assertThat(slowed.reason()).isEqualTo(Reason.TOO_LATE);
        assertThat(slowed.words()).hasValue("slowed to 20.0 MB/s: the primary answers in 12.0 ms instead of 4.0 ms");
    }

    @Test
    void halvedIsWhatWasReadNotWhatWasAllowed() {
        var slowed = GOVERNOR.next(at(1000 * MIB), new Reading(Optional.of(ms(12)), 40 * MIB));

        assertThat(slowed.bytesPerSecond()).isEqualTo(20 * MIB);
    }

    @Test
    void nearWhatIsAllowedTheRateCreeps() {
        var steady = next(at(40 * MIB), 4.8);

        assertThat(steady.bytesPerSecond()).isBetween(40 * MIB, 41 * MIB);
        assertThat(steady.reason()).isEqualTo(Reason.STEADY);
        assertThat(steady.searching()).isFalse();
    }

    @Test
    void fractionsOfAMillisecondAreNoise() {
        var quick = new Pace(40 * MIB, Optional.of(ms(0.3)), Optional.of(ms(0.3)), Reason.UNNOTICED, true, 0);

        assertThat(next(quick, 0.5).reason()).isEqualTo(Reason.UNNOTICED);
        assertThat(next(quick, 0.9).reason()).isEqualTo(Reason.TOO_LATE);
    }

    @Test
    void aBaselineOfAnothersLoadEndsWithThatLoad() {
        var burst = new Pace(40 * MIB, Optional.of(ms(50)), Optional.of(ms(50)), Reason.NOT_OURS, true, 0);

        var after = next(burst, 2);

        assertThat(after.before()).hasValue(ms(2));
        assertThat(next(after, 20).reason()).isEqualTo(Reason.TOO_LATE);
    }

    @Test
    void aRateThatIsNotUsedUpDoesNotGrow() {
        var idle = GOVERNOR.next(at(40 * MIB), new Reading(Optional.of(ms(4)), 10 * MIB));

        assertThat(idle.bytesPerSecond()).isEqualTo(40 * MIB);
        assertThat(idle.reason()).isEqualTo(Reason.FREE);
        assertThat(idle.words()).isEmpty();
    }

    @Test
    void theCeilingHoldsAndIsNobodysSlowing() {
        var governor = new Governor(new Limits(25, MIB, Optional.of(5 * MIB)));

        var pace = governor.next(at(4 * MIB), new Reading(Optional.of(ms(4)), 4 * MIB));
        assertThat(pace.bytesPerSecond()).isEqualTo(5 * MIB);
        pace = governor.next(pace, new Reading(Optional.of(ms(4)), 5 * MIB));
        assertThat(pace.reason()).isEqualTo(Reason.FREE);
    }

    @Test
    void aPrimaryThatDoesNotAnswerIsSpared() {
        var unknown = GOVERNOR.next(at(40 * MIB), new Reading(Optional.empty(), 40 * MIB));

        assertThat(unknown.bytesPerSecond()).isEqualTo(MIB);
        assertThat(unknown.reason()).isEqualTo(Reason.UNKNOWN);
        assertThat(unknown.words()).hasValue("slowed to 1.0 MB/s: the primary does not answer");
        assertThat(next(unknown, 4).bytesPerSecond()).isGreaterThan(MIB);
    }

    @Test
    void withoutALookBeforeTheFirstAnswersAtTheFloorAreTakenForNormal() {
        var blind = GOVERNOR.begin(Optional.empty());

        var first = next(blind, 7);

        assertThat(first.before()).hasValue(ms(7));
        assertThat(first.bytesPerSecond()).isEqualTo(MIB);
    }

    @Test
    void whileNothingIsCopiedNothingIsLearned() {
        var waiting = at(40 * MIB);
        for (double answer : new double[] {1, 30, 300}) {
            assertThat(GOVERNOR.next(waiting, new Reading(Optional.of(ms(answer)), 0)))
                    .isEqualTo(waiting);
        }
    }

    @Test
    void whatStaysSlowAtTheFloorIsNotTheCopysDoing() {
        var pace = next(at(MIB), 30);
        for (int readings = 1; readings < Governor.PATIENCE; readings++) {
            assertThat(pace.reason()).isEqualTo(Reason.AT_FLOOR);
            assertThat(pace.bytesPerSecond()).isEqualTo(MIB);
            pace = next(pace, 30);
        }

        assertThat(pace.reason()).isEqualTo(Reason.NOT_OURS);
        assertThat(pace.before()).hasValue(ms(30));
        assertThat(next(pace, 31).bytesPerSecond()).isGreaterThan(MIB);
    }

    /** A primary that answers the later the faster it is read, with noise: the copy settles below what is allowed, and above the floor. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aPrimaryThatSuffersIsReadAsFastAsAllowed(long seed) {
        var random = new Random(seed);
        double allowedRate = (5 + random.nextInt(200)) * (double) MIB;
        DoubleUnaryOperator answers = rate -> 4 * (1 + 0.25 * rate / allowedRate) * (0.98 + 0.04 * random.nextDouble());

        int late = 0;
        double copied = 0;
        var pace = GOVERNOR.begin(Optional.of(ms(4)));
        for (int second = 0; second < 600; second++) {
            pace = next(pace, answers.applyAsDouble(pace.bytesPerSecond()));
            assertThat(pace.bytesPerSecond()).isGreaterThanOrEqualTo(MIB);
            late += pace.reason() == Reason.TOO_LATE ? 1 : 0;
            copied += pace.bytesPerSecond();
        }

        assertThat(late).isLessThan(30);
        assertThat(copied / 600).isBetween(0.2 * allowedRate, 1.1 * allowedRate);
    }

    /** Whatever the primary does, a copy gets its floor and never more than its ceiling; load of others does not hold it at the floor for good. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void anyHistoryKeepsTheBounds(long seed) {
        var random = new Random(seed);
        var limits = new Limits(1 + random.nextInt(100), MIB, Optional.of((2L + random.nextInt(500)) * MIB));
        var governor = new Governor(limits);

        var pace = governor.begin(random.nextBoolean() ? Optional.of(ms(4)) : Optional.empty());
        for (int second = 0; second < 2000; second++) {
            var latency = random.nextInt(10) == 0 ? Optional.<Duration>empty() : Optional.of(ms(random.nextInt(50)));
            pace = governor.next(pace, new Reading(latency, random.nextLong(pace.bytesPerSecond() + 1)));
            assertThat(pace.bytesPerSecond())
                    .isBetween(limits.floor(), limits.ceiling().orElseThrow());
        }
        for (int second = 0; second < 400; second++) {
            pace = governor.next(pace, new Reading(Optional.of(ms(80)), pace.bytesPerSecond()));
        }
        assertThat(pace.bytesPerSecond()).isEqualTo(limits.ceiling().orElseThrow());
    }
}
