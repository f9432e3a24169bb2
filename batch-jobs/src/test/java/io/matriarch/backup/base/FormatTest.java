package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FormatTest {
    @Test
    void serverBefore15HasGzipOnly() {
        assertThat(Format.ZSTD.onServer(14)).isEqualTo(Format.GZIP);
        assertThat(Format.LZ4.onServer(14)).isEqualTo(Format.GZIP);
        assertThat(Format.TAR_GZ.onServer(14)).isEqualTo(Format.TAR_GZ);
        assertThat(Format.GZIP.compression(14, 2)).contains("--compress=1");
    }

    @Test
    void laterOneCompressesItself() {
        assertThat(Format.ZSTD.onServer(15)).isEqualTo(Format.ZSTD);
        assertThat(Format.ZSTD.compression(15, 0)).contains("--compress=server-zstd:level=1");
        assertThat(Format.TAR_GZ.compression(15, 2)).contains("--compress=client-gzip:1");
    }

    @Test
    void serverCompressesWithSeveralThreads() {
        assertThat(Format.ZSTD.compression(15, 2)).contains("--compress=server-zstd:level=1,workers=2");
        assertThat(Format.LZ4.compression(15, 2)).contains("--compress=server-lz4");
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void eachIsFoundByItsWord(Format format) {
        assertThat(Format.of(format.word())).contains(format);
        assertThat(Format.words()).contains(format.word());
    }

    @Test
    void anotherWordIsNone() {
        assertThat(Format.of("rar")).isEmpty();
    }
}
