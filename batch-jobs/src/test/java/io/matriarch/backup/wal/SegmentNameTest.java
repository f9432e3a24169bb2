package io.matriarch.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentNameTest {
    @Test
    void nameIsThatOfPostgres() {
        // As pg_walfile_name says it.
        assertThat(SegmentSize.DEFAULT.at(new Timeline(3), Lsn.parse("1A/FF123456")))
                .hasToString("000000030000001A000000FF");
        assertThat(new SegmentSize(1 << 20).at(new Timeline(3), Lsn.parse("1A/FF123456")))
                .hasToString("000000030000001A00000FF1");
        assertThat(new SegmentSize(1 << 30).at(new Timeline(3), Lsn.parse("1A/FF123456")))
                .hasToString("000000030000001A00000003");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "000000010000000000000001.partial",
                "00000001000000000000000g",
                "00000001000000000000000a",
                "000000000000000000000001",
                "FFFFFFFF0000000000000001",
                "00000002.history"
            })
    void whatIsNoSegmentHasNoName(String text) {
        assertThat(SegmentName.of(text)).isEmpty();
    }

    @Test
    void namesAndPositionsAgree() {
        var random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            var size = new SegmentSize(1 << (20 + random.nextInt(11)));
            var lsn = new Lsn(random.nextLong() >>> (1 + random.nextInt(40)));
            var name = size.at(new Timeline(1 + random.nextInt(1000)), lsn);

            assertThat(SegmentName.of(name.toString())).contains(name);
            assertThat(size.fits(name)).isTrue();
            assertThat(size.number(name)).isEqualTo(size.number(lsn));
            assertThat(lsn.minus(size.start(name))).isEqualTo(size.offset(lsn)).isBetween(0L, size.bytes() - 1L);
            assertThat(size.name(name.timeline(), size.number(name) + 1)).isGreaterThan(name);
            assertThat(size.end(name)).isEqualTo(size.start(size.number(name) + 1));
        }
    }

    @Test
    void numberThatASizeDoesNotHaveIsKnown() {
        assertThat(SegmentSize.DEFAULT.fits(new SegmentName(new Timeline(1), 0, 0xFF)))
                .isTrue();
        assertThat(SegmentSize.DEFAULT.fits(new SegmentName(new Timeline(1), 0, 0x100)))
                .isFalse();
    }

    @Test
    void sizeIsAPowerOfTwo() {
        for (int wrong : List.of(0, -1, 1000, (1 << 20) + 1, 1 << 19)) {
            assertThatThrownBy(() -> new SegmentSize(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("power of two");
        }
    }
}
