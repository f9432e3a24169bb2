package io.matriarch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InUseTest {
    private final InUse inUse = new InUse();

    @Test
    void aBackupThatTwoJobsReadIsInUseUntilBothHaveEnded() {
        var restore = inUse.begin("b1");
        var verify = inUse.begin("b1");
        restore.close();
        assertThat(inUse.labels()).containsExactly("b1");
        verify.close();
        assertThat(inUse.labels()).isEmpty();
    }

    @Test
    void whatIsClosedTwiceDoesNotEndTheUseOfAnother() {
        var restore = inUse.begin("b1");
        inUse.begin("b1");
        restore.close();
        restore.close();
        assertThat(inUse.labels()).containsExactly("b1");
    }
}
