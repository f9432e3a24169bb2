package io.matriarch.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NarratorTest {
    @Test
    void whatIsDoneIsFollowedByWhy() {
        assertThat(Narrator.sentence("claim the right to create the cluster", "no cluster exists"))
                .isEqualTo("claim the right to create the cluster: no cluster exists");
    }

    @Test
    void aReasonThatBothGiveStandsOnce() {
        assertThat(Narrator.sentence(
                        "promote: the leader key is ours", "the leader key is ours and PostgreSQL is a replica"))
                .isEqualTo("promote: the leader key is ours and PostgreSQL is a replica");
        assertThat(Narrator.sentence("stop at once: our lease is over", "our lease is over"))
                .isEqualTo("stop at once: our lease is over");
    }

    @Test
    void twoReasonsStandSideBySide() {
        assertThat(Narrator.sentence(
                        "start PostgreSQL as the primary: the leader key is ours",
                        "it is complete and was not running"))
                .isEqualTo(
                        "start PostgreSQL as the primary: the leader key is ours; it is complete and was not running");
    }
}
