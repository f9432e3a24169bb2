package io.matriarch.backup.pace;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int PIECE = 1 << 14;

    private long now = 5 * SECOND;

    private long pieces(RateLimit limit, long bytes) {
        long begin = now;
        for (long passed = 0; passed < bytes; passed += PIECE) {
            now += limit.taken(PIECE, now);
        }
        return now - begin;
    }

    @Test
    void aSecondBringsWhatTheRateSays() {
        var limit = new RateLimit(1 << 20, now);

        assertThat(pieces(limit, 4 << 20)).isCloseTo(4 * SECOND, Offset.offset(SECOND / 10));
    }

    @Test
    void aPauseIsNotMadeUpForByABurst() {
        var limit = new RateLimit(1 << 20, now);
        now += 60 * SECOND;

        assertThat(pieces(limit, 1 << 20)).isGreaterThan(SECOND * 9 / 10);
    }

    @Test
    void aNewRateHoldsAtOnce() {
        var limit = new RateLimit(1 << 20, now);
        pieces(limit, 1 << 20);
        limit.set(8 << 20);

        assertThat(pieces(limit, 8 << 20)).isCloseTo(SECOND, Offset.offset(SECOND / 10));
    }
}
