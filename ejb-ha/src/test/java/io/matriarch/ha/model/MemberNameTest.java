package io.matriarch.ha.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberNameTest {
    @ParameterizedTest
    @CsvSource({
        "pg1, pg1",
        "PG-1, pg_1",
        "pg1.example.com, pg1_example_com",
        "a b, au0032b",
        "é, u0233",
        "under_score, under_score",
    })
    void slotNameHoldsOnlyWhatPostgresAllows(String name, String slot) {
        assertThat(new MemberName(name).slotName()).isEqualTo(slot).matches("[a-z0-9_]{1,63}");
    }

    @Test
    void slotNameIsCutAtPostgresLimit() {
        assertThat(new MemberName("x".repeat(100)).slotName()).hasSize(63);
    }

    @Test
    void blankNameIsRejected() {
        assertThatThrownBy(() -> new MemberName(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
