package io.matriarch.backup.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.BackupPolicy.Replay;
import io.matriarch.ha.model.BackupPolicy.Verification;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WishTest {
    private static final Instant STOPPED = Instant.parse("2026-11-23T12:00:00.000400Z");
    private static final Instant LAST = Instant.parse("2026-11-23T12:00:00.010Z");

    private static Verification configured(Replay replay, int every) {
        var d = BackupPolicy.DEFAULTS.verification();
        return new Verification(
                replay, every, d.heartbeat(), d.tolerance(), d.losses(), d.rowDropPercent(), d.assertions());
    }

    @Test
    void aJobIsToldUpToWhere() {
        var never = configured(Replay.CONSISTENCY, 1);
        assertThat(Wish.of("random", never, 0)).isEqualTo(Wish.RANDOM);
        assertThat(Wish.of("consistency", configured(Replay.RANDOM, 1), 9)).isEqualTo(Wish.CONSISTENCY);
        assertThat(Wish.of("2026-11-23T12:00:00Z", never, 0))
                .isEqualTo(new Wish(true, Optional.of(Instant.parse("2026-11-23T12:00:00Z"))));
        assertThatThrownBy(() -> Wish.of("2026-13-23T12:00:00Z", never, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowed: random, consistency");
    }

    @Test
    void eachNthVerificationReplays() {
        assertThat(Wish.of("", configured(Replay.RANDOM, 1), 0)).isEqualTo(Wish.RANDOM);
        assertThat(Wish.of("", configured(Replay.RANDOM, 3), 0)).isEqualTo(Wish.CONSISTENCY);
        assertThat(Wish.of("", configured(Replay.RANDOM, 3), 1)).isEqualTo(Wish.CONSISTENCY);
        assertThat(Wish.of("", configured(Replay.RANDOM, 3), 2)).isEqualTo(Wish.RANDOM);
        assertThat(Wish.of("", configured(Replay.CONSISTENCY, 1), 99)).isEqualTo(Wish.CONSISTENCY);
    }

    @Test
    void aMomentIsDrawnFromAllBetweenTheBackupAndTheLastCommit() {
        var chance = new Random(42);
        var drawn = new TreeSet<Instant>();
        for (int i = 0; i < 1_000; i++) {
            drawn.add(Wish.RANDOM.draw(STOPPED, LAST, chance).orElseThrow());
        }

        assertThat(drawn).hasSize(9);
        assertThat(drawn.first()).isAfter(STOPPED);
        assertThat(drawn.last()).isBefore(LAST);
    }

    @Test
    void withoutRoomThereIsNone() {
        assertThat(Wish.RANDOM.draw(LAST, LAST, new Random(1))).isEmpty();
        assertThat(Wish.RANDOM.draw(LAST, STOPPED, new Random(1))).isEmpty();
        assertThat(Wish.RANDOM.draw(LAST.minusNanos(1), LAST, new Random(1))).isEmpty();
    }

    @Test
    void aNamedMomentIsTakenWhereItCanBeReached() {
        var inside = new Wish(true, Optional.of(LAST.minusMillis(1)));
        assertThat(inside.draw(STOPPED, LAST, new Random(1))).contains(LAST.minusMillis(1));
        assertThat(new Wish(true, Optional.of(LAST)).draw(STOPPED, LAST, new Random(1)))
                .isEmpty();
        assertThat(new Wish(true, Optional.of(STOPPED)).draw(STOPPED, LAST, new Random(1)))
                .isEmpty();
    }
}
