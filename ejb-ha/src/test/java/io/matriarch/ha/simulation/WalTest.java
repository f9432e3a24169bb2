package io.matriarch.ha.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Timeline;
import org.junit.jupiter.api.Test;

/** The write-ahead log as a chain of branches. */
class WalTest {
    private static final Timeline NEXT = new Timeline(1);

    private final Wal first = Wal.first(1, 0).grownBy(100);

    @Test
    void twoPromotionsOntoOneTimelineAreTwoHistories() {
        var left = first.promoted(2, NEXT).grownBy(10);
        var right = first.promoted(3, NEXT).grownBy(20);

        assertThat(left.timeline()).isEqualTo(right.timeline());
        assertThat(left.commonEnd(right)).isEqualTo(100);
        assertThat(left.mayStreamFrom(right)).as("by the numbers alone it may").isTrue();
    }

    @Test
    void aReplicaAheadOfTheSwitchPointDoesNotStream() {
        var promoted = first.promoted(2, NEXT).grownBy(10);

        assertThat(first.mayStreamFrom(promoted)).isTrue();
        assertThat(first.grownBy(1).mayStreamFrom(promoted)).isFalse();
        assertThat(promoted.mayStreamFrom(first.grownBy(500))).isFalse();
    }

    @Test
    void coverageEndsWhereTheNextTimelineBegins() {
        var promoted = first.promoted(2, NEXT).grownBy(10);

        assertThat(promoted.coverage(1)).isEqualTo(100);
        assertThat(promoted.coverage(2)).isEqualTo(110);
        assertThat(promoted.coverage(9)).isNegative();
    }
}
