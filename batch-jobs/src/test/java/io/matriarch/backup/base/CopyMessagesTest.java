package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyMessagesTest {
    private final List<String> told = new ArrayList<>();
    private final CopyMessages messages = new CopyMessages((bytes, total) -> told.add(bytes + "/" + total));

    @Test
    void progressIsTurnedIntoBytes() {
        messages.accept("  12345/67890 kB (18%), 0/1 tablespace (/somewhere/base.tar.zst )");

        assertThat(told).containsExactly("12641280/69519360");
        assertThat(messages.bytes()).isEqualTo(12_641_280);
    }

    @Test
    void beginningAndEndAreRemembered() {
        messages.accept("pg_basebackup: write-ahead log start point: 0/2000028 on timeline 7");
        messages.accept("pg_basebackup: write-ahead log end point: 1A/20001D8");

        assertThat(messages.start()).contains(Lsn.parse("0/2000028"));
        assertThat(messages.timeline()).contains(new Timeline(7));
        assertThat(messages.end()).contains(Lsn.parse("1A/20001D8"));
    }

    @Test
    void otherWordsMeanNothing() {
        messages.accept("pg_basebackup: initiating base backup, waiting for checkpoint to complete");

        assertThat(told).isEmpty();
        assertThat(messages.start()).isEmpty();
    }
}
