package io.matriarch.tests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The checker itself: a test that cannot fail is worthless. */
class VerdictTest {
    private static Acknowledgement ack(long seq, String member, int timeline, long sentMs, long acknowledgedMs) {
        return new Acknowledgement(
                1, seq, member, "%08X".formatted(timeline), sentMs * 1_000_000, acknowledgedMs * 1_000_000);
    }

    @Test
    void reignsThatFollowOneAnotherDoNotOverlap() {
        Verdict verdict = new Verdict(
                List.of(
                        ack(0, "pg1", 1, 0, 2),
                        ack(1, "pg1", 1, 10, 12),
                        ack(2, "pg2", 2, 50, 52),
                        ack(3, "pg1", 3, 90, 91)),
                List.of());

        assertThat(verdict.overlaps()).isEmpty();
        assertThat(verdict.assertNeverTwo().longestSilence()).isEqualTo(Duration.ofMillis(40));
    }

    @Test
    void aCommitOfTheOldPrimaryThatWasSentAfterTheNewOneAcknowledgedIsSplitBrain() {
        Verdict verdict = new Verdict(
                List.of(
                        ack(0, "pg1", 1, 0, 2),
                        ack(1, "pg2", 2, 10, 12),
                        ack(2, "pg2", 2, 40, 41),
                        ack(3, "pg1", 1, 30, 31)),
                List.of());

        assertThat(verdict.overlaps()).hasSize(1);
        assertThat(verdict.overlaps().get(0).length()).isEqualTo(Duration.ofMillis(18));
        assertThatThrownBy(verdict::assertNeverTwo)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("two members");
    }

    @Test
    void twoMembersOnTheSameNewTimelineAreSplitBrainToo() {
        Verdict verdict = new Verdict(
                List.of(ack(0, "pg1", 2, 0, 1), ack(1, "pg2", 2, 2, 3), ack(2, "pg1", 2, 5, 6), ack(3, "pg2", 2, 8, 9)),
                List.of());

        assertThat(verdict.overlaps()).hasSize(1);
    }

    @Test
    void commitsInFlightDuringAHandOverAreNotSplitBrain() {
        // Sent before the new primary acknowledged anything, confirmed late: it may well have taken effect in time.
        Verdict verdict = new Verdict(
                List.of(ack(0, "pg1", 1, 0, 30), ack(1, "pg2", 2, 10, 12), ack(2, "pg2", 2, 40, 41)), List.of());

        assertThat(verdict.overlaps()).isEmpty();
    }

    @Test
    void acknowledgedRowsThatTheFinalPrimaryDoesNotHoldAreLost() {
        Verdict verdict =
                Verdict.of(List.of(ack(0, "pg1", 1, 0, 1), ack(1, "pg1", 1, 2, 3)), Set.of(new AckTable.Row(1, 0)));

        assertThat(verdict.lost()).extracting(Acknowledgement::seq).containsExactly(1L);
        assertThatThrownBy(verdict::assertNothingLost)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 of 2");
    }

    @Test
    void silenceIsMeasuredBetweenAcknowledgements() {
        Verdict verdict = new Verdict(List.of(ack(0, "pg1", 1, 0, 1), ack(1, "pg2", 2, 900, 1501)), List.of());

        assertThatThrownBy(() -> verdict.assertSilenceAtMost(Duration.ofMillis(1499)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1500 ms");
        assertThat(verdict.assertSilenceAtMost(Duration.ofMillis(1500)).lost()).isEmpty();
    }
}
