package io.matriarch.ha.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
    @ParameterizedTest
    @ValueSource(strings = {"0/00000000", "0/03000028", "16/B374D848", "FFFFFFFF/FFFFFFFF"})
    void textIsReadBackAsItWas(String text) {
        assertThat(Lsn.parse(text).toString()).isEqualTo(text);
    }

    @Test
    void shortFormMeansTheSame() {
        assertThat(Lsn.parse("0/3000028")).isEqualTo(Lsn.parse("0/03000028"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0/", "/0", "g/0", "0/123456789", "0/0/0", "-1/0"})
    void otherFormsAreRejected(String text) {
        assertThatThrownBy(() -> Lsn.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void upperHalfComesAfterTheLowerHalf() {
        var low = Lsn.parse("7FFFFFFF/FFFFFFFF");
        var high = Lsn.parse("80000000/00000000");

        assertThat(high.isAfter(low)).isTrue();
        assertThat(high.minus(low)).isEqualTo(1);
        assertThat(Lsn.max(low, high)).isEqualTo(high);
        assertThat(low.isAtLeast(low)).isTrue();
        assertThat(low.isAfter(low)).isFalse();
    }
}
