package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ControlFileTest {
    private static final String TEXT = """
            pg_control version number:            1300
            Catalog version number:               202209061
            Database system identifier:           7575757575757575757
            Database cluster state:               in archive recovery
            pg_control last modified:             Mon Nov 23 04:00:00 2026
            Latest checkpoint location:           0/5000060
            Latest checkpoint's REDO location:    0/5000028
            Latest checkpoint's TimeLineID:       2
            Minimum recovery ending location:     0/5000110
            Min recovery ending loc's timeline:   3
            Bytes per WAL segment:                16777216
            """;

    @Test
    void bytesAndTextSayTheSame() {
        var fromBytes = ControlFile.parse(sample(1300, 288)).control();
        assertThat(fromBytes).isPresent().isEqualTo(ControlFile.parseText(TEXT));
        var facts = fromBytes.orElseThrow().facts();
        assertThat(facts.systemIdentifier()).isEqualTo(new SystemIdentifier("7575757575757575757"));
        assertThat(facts.state()).isEqualTo(ControlState.IN_ARCHIVE_RECOVERY);
        assertThat(facts.timeline()).isEqualTo(new Timeline(3));
        assertThat(facts.minRecoveryEnd()).contains(Lsn.parse("0/5000110"));
    }

    @Test
    void aChangedByteIsNoticed() {
        for (int at = 0; at < 288; at++) {
            var bytes = sample(1300, 288);
            bytes.put(at, (byte) (bytes.get(at) ^ 1));
            assertThat(ControlFile.parse(bytes).control()).as("byte %d", at).isEmpty();
        }
    }

    @Test
    void anUnknownLayoutIsLeftToPgControldata() {
        assertThat(ControlFile.parse(sample(1900, 296)).trouble()).contains(ControlFile.Trouble.FOREIGN_LAYOUT);
        // A version that moved the checksum without a new number would be noticed by that.
        assertThat(ControlFile.parse(sample(1700, 296)).trouble()).contains(ControlFile.Trouble.CHECKSUM);
    }

    @Test
    void aWrongChecksumInTheTextGivesNothing() {
        assertThat(ControlFile.parseText(
                        "WARNING: Calculated CRC checksum does not match value stored in file.\n" + TEXT))
                .isEmpty();
        assertThat(ControlFile.parseText(TEXT.replace("Bytes per WAL segment:                16777216\n", "")))
                .isEmpty();
        assertThat(ControlFile.parseText("")).isEqualTo(Optional.empty());
    }

    private static ByteBuffer sample(int version, int checksumAt) {
        var bytes = ByteBuffer.allocate(512).order(ByteOrder.nativeOrder());
        bytes.putLong(0, 7575757575757575757L)
                .putInt(8, version)
                .putInt(16, 5)
                .putLong(32, 0x5000060)
                .putLong(40, 0x5000028)
                .putInt(48, 2)
                .putLong(136, 0x5000110)
                .putInt(144, 3)
                .putInt(204, 8)
                .putDouble(208, 1234567.0)
                .putInt(224, 8192)
                .putInt(228, 16 << 20);
        var crc = new CRC32C();
        crc.update(bytes.array(), 0, checksumAt);
        return bytes.putInt(checksumAt, (int) crc.getValue());
    }
}
