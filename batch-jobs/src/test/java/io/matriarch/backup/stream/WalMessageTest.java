package io.matriarch.backup.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.Lsn;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalMessageTest {
    @Test
    void dataCarriesItsPosition() throws SQLException {
        var message = ByteBuffer.allocate(28)
                .put((byte) 'w')
                .putLong(0x3000000L)
                .putLong(0x4000000L)
                .putLong(1)
                .put(new byte[] {7, 8, 9})
                .array();

        var data = (WalMessage.Data) WalMessage.parse(message);

        assertThat(data.start()).isEqualTo(Lsn.parse("0/3000000"));
        assertThat(data.serverEnd()).isEqualTo(Lsn.parse("0/4000000"));
        byte[] bytes = new byte[data.bytes().remaining()];
        data.bytes().get(bytes);
        assertThat(bytes).containsExactly(7, 8, 9);
    }

    @Test
    void serverMayWantAnAnswer() throws SQLException {
        var message = ByteBuffer.allocate(18)
                .put((byte) 'k')
                .putLong(0x4000000L)
                .putLong(1)
                .put((byte) 1)
                .array();

        assertThat(WalMessage.parse(message)).isEqualTo(new WalMessage.Alive(Lsn.parse("0/4000000"), true));
    }

    @Test
    void whatIsNoMessageIsRefused() {
        for (String hex : List.of("", "77", "6b00", "7800000000000000000000000000000000000000000000000000")) {
            assertThatThrownBy(() -> WalMessage.parse(HexFormat.of().parseHex(hex)))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("not a message");
        }
    }

    @Test
    void statusSaysWhatIsWrittenAndWhatIsDurable() {
        var status =
                ByteBuffer.wrap(WalMessage.status(new Lsn(9), new Lsn(4), Instant.parse("2000-01-01T00:00:01Z"), true));

        assertThat(status.get()).isEqualTo((byte) 'r');
        assertThat(status.getLong()).isEqualTo(9);
        assertThat(status.getLong()).isEqualTo(4);
        assertThat(status.getLong()).isEqualTo(4);
        assertThat(status.getLong()).isEqualTo(1_000_000);
        assertThat(status.get()).isEqualTo((byte) 1);
        assertThat(status.hasRemaining()).isFalse();
    }
}
