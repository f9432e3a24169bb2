package io.matriarch.backup.pace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final long MS = 1_000_000;
    private final Latencies latencies = new Latencies();
    private long now;

    private void answer(long milliseconds) {
        latencies.asked(now);
        now += milliseconds * MS;
        latencies.answered(now);
    }

    @Test
    void nineOfTenTookNoLonger() {
        for (int i = 1; i <= 20; i++) {
            answer(i);
        }

        assertThat(latencies.take(now)).hasValue(Duration.ofMillis(18));
        assertThat(latencies.take(now)).as("each counts once").isEmpty();
    }

    @Test
    void anAnswerThatIsAwaitedCountsWithTheTimeItHasTaken() {
        latencies.asked(now);

        assertThat(latencies.take(now + 3_000 * MS)).hasValue(Duration.ofSeconds(3));
        assertThat(latencies.take(now + 4_000 * MS)).hasValue(Duration.ofSeconds(4));
    }

    @Test
    void aQuestionOfThisMomentSaysNothing() {
        latencies.asked(now);

        assertThat(latencies.take(now + MS)).isEmpty();
    }

    @Test
    void afterAFailureNothingIsKnown() {
        answer(5);
        latencies.failed();

        assertThat(latencies.take(now)).isEmpty();
    }
}
