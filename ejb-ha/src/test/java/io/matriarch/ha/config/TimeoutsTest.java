package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeoutsTest {

    @ParameterizedTest(name = "{0} {1} {2} -> {3} {4} {5}")
    @CsvSource({
        // stored ttl, loop_wait, retry_timeout -> used
        "30,10,10,30,10,10",
        "20,1,3,20,1,3",
        "20,10,5,20,10,5",
        "20,11,5,20,10,5",
        "30,20,10,30,10,10",
        "20,10,10,20,1,9",
        "20,1,10,20,1,9",
        "21,1,10,21,1,10",
        "21,2,10,21,1,10",
        "30,24,3,30,24,3",
        "30,30,3,30,24,3",
        "25,10,100,25,1,12",
        "20,1,9,20,1,9",
        "20,2,9,20,2,9",
        "20,3,9,20,2,9",
    })
    void besidePatroniMembersTheNumbersAreTheirs(
            long ttl, long loop, long retry, long usedTtl, long usedLoop, long usedRetry) {
        Timeouts timeouts = Timeouts.agree(ttl, loop, retry, Optional.empty(), true);

        assertThat(timeouts.ttlSeconds()).isEqualTo(usedTtl);
        assertThat(timeouts.loopWaitSeconds()).isEqualTo(usedLoop);
        assertThat(timeouts.retryTimeoutSeconds()).isEqualTo(usedRetry);
        assertThat(timeouts.notes().stream().anyMatch(note -> note.key().equals("loop_wait")))
                .isEqualTo(loop != usedLoop);
        assertThat(timeouts.notes().stream().anyMatch(note -> note.key().equals("retry_timeout")))
                .isEqualTo(retry != usedRetry);
    }

    @ParameterizedTest(name = "{0} {1} {2} -> {3} {4}, margin {5} ms")
    @CsvSource({
        "5,1,2,1,2,1000",
        "3,1,1,1,1,600",
        "3,1,2,1,1,600",
        "3,10,10,1,1,600",
        "30,10,10,10,10,6000",
        "30,24,3,20,3,6000",
        "20,10,10,5,10,4000",
        "5,2,2,1,2,1000",
        "10,3,5,2,5,2000",
        "5,1,10,1,2,1000",
        "4,1,1,1,1,800",
    })
    void aloneTheCalmRuleHolds(long ttl, long loop, long retry, long usedLoop, long usedRetry, long marginMs) {
        Timeouts timeouts = Timeouts.agree(ttl, loop, retry, Optional.empty(), false);

        assertThat(timeouts.loopWaitSeconds()).isEqualTo(usedLoop);
        assertThat(timeouts.retryTimeoutSeconds()).isEqualTo(usedRetry);
        assertThat(timeouts.fenceMargin()).isEqualTo(Duration.ofMillis(marginMs));
    }

    @Test
    void aMarginThatLeavesNoRoomIsNotUsed() {
        Timeouts timeouts = Timeouts.agree(5, 1, 2, Optional.of(Duration.ofSeconds(4)), false);

        assertThat(timeouts.fenceMargin()).isEqualTo(Duration.ofSeconds(1));
        assertThat(timeouts.notes()).extracting(Note::key).containsExactly("matriarch.fence.margin");
    }

    @Test
    void aMarginOfOnesOwnShortensTheLoop() {
        Timeouts timeouts = Timeouts.agree(10, 4, 4, Optional.of(Duration.ofSeconds(3)), false);

        assertThat(timeouts.fenceMargin()).isEqualTo(Duration.ofSeconds(3));
        assertThat(timeouts.loopWaitSeconds() + timeouts.retryTimeoutSeconds()).isLessThan(7);
    }

    @Test
    void theCalmRuleHoldsForAllNumbersWithinTheLimits() {
        Random random = new Random(20261123);
        for (int i = 0; i < 20_000; i++) {
            boolean foreign = random.nextBoolean();
            long ttl = (foreign ? 20 : 3) + random.nextInt(100);
            long loop = 1 + random.nextInt(100);
            long retry = (foreign ? 3 : 1) + random.nextInt(100);
            Optional<Duration> wish = random.nextInt(3) == 0
                    ? Optional.of(Duration.ofMillis(500 + random.nextInt(60_000)))
                    : Optional.empty();

            Timeouts timeouts = Timeouts.agree(ttl, loop, retry, wish, foreign);

            String numbers = ttl + " " + loop + " " + retry + " " + wish + " " + foreign + " -> " + timeouts;
            Duration sum = Duration.ofSeconds(timeouts.loopWaitSeconds() + timeouts.retryTimeoutSeconds())
                    .plus(timeouts.fenceMargin());
            assertThat(sum).as(numbers).isLessThan(Duration.ofSeconds(ttl));
            assertThat(timeouts.fenceMargin()).as(numbers).isGreaterThanOrEqualTo(DynamicConfig.LEAST_FENCE_MARGIN);
            assertThat(timeouts.loopWaitSeconds()).as(numbers).isBetween(1L, loop);
            assertThat(timeouts.retryTimeoutSeconds()).as(numbers).isBetween(1L, Math.max(retry, 1));
            if (foreign) {
                assertThat(timeouts.loopWaitSeconds() + 2 * timeouts.retryTimeoutSeconds())
                        .as(numbers)
                        .isLessThanOrEqualTo(ttl);
            }
        }
    }
}
