package io.matriarch.backup.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration TOLERANCE = Duration.ofSeconds(30);
    private static final Heartbeat BEAT = new Heartbeat(NOON, 7, Duration.ofSeconds(10));

    @Test
    void anAnswerIsRead() {
        assertThat(Heartbeat.parse("2026-11-23T12:00:00.000000Z|7|10\n")).contains(BEAT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "|7|10", "2026-11-23T12:00:00Z|7", "2026-11-23T12:00:00Z|seven|10", "x|7|10"})
    void anythingElseIsNone(String answer) {
        assertThat(Heartbeat.parse(answer)).isEmpty();
    }

    @Test
    void itMayBeOnePeriodAndTheToleranceOld() {
        assertThat(BEAT.wrongAt(NOON, TOLERANCE)).isEmpty();
        assertThat(BEAT.wrongAt(NOON.plusSeconds(40), TOLERANCE)).isEmpty();
        assertThat(BEAT.wrongAt(NOON.plusSeconds(41), TOLERANCE))
                .hasValueSatisfying(why -> assertThat(why).contains("41 s older", "allowed are 40 s"));
    }

    @Test
    void oneFromBehindTheMomentIsWrong() {
        assertThat(BEAT.wrongAt(NOON.minusMillis(1), TOLERANCE))
                .hasValueSatisfying(why -> assertThat(why).contains("behind the moment"));
    }
}
