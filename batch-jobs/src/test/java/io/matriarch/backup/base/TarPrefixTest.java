package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class TarPrefixTest {
    private static final int BLOCK = 512;

    @Test
    void fileStandsInWholeBlocksBehindAHeaderWithItsChecksum() throws Exception {
        var out = new ByteArrayOutputStream();
        byte[] content = "local all all trust\n".getBytes(StandardCharsets.UTF_8);

        TarPrefix.writeGzip(Map.of("pg_hba.conf", content), Instant.EPOCH, out);

        byte[] tar = new GZIPInputStream(new ByteArrayInputStream(out.toByteArray())).readAllBytes();
        assertThat(tar).hasSize(2 * BLOCK);
        assertThat(text(tar, 0, 25)).isEqualTo("configuration/pg_hba.conf");
        assertThat(text(tar, 124, 11)).isEqualTo("00000000024");
        assertThat(text(tar, BLOCK, content.length)).isEqualTo("local all all trust\n");
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : tar[i] & 0xff;
        }
        assertThat(Integer.parseInt(text(tar, 148, 6), 8)).isEqualTo(sum);
    }

    @Test
    void withoutFilesNothingIsWritten() throws Exception {
        var out = new ByteArrayOutputStream();

        TarPrefix.writeGzip(Map.of(), Instant.EPOCH, out);

        assertThat(out.size()).isZero();
    }

    private static String text(byte[] tar, int at, int length) {
        return new String(tar, at, length, StandardCharsets.US_ASCII);
    }
}
