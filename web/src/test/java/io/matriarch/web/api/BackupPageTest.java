package io.matriarch.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.BackupSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackupPageTest {
    private static BackupSummary backup(String label) {
        return new BackupSummary(
                label,
                "VERIFIED",
                "",
                Instant.EPOCH,
                Instant.EPOCH,
                "pg1",
                "15.18",
                "zstd",
                1,
                "0/2000028",
                "0/2000100",
                1,
                2,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static List<BackupSummary> backups(String... labels) {
        return Stream.of(labels).map(BackupPageTest::backup).toList();
    }

    private static List<String> labels(BackupPage page) {
        return page.backups().stream().map(BackupSummary::label).toList();
    }

    @Test
    void allFitOnOnePage() {
        var page = BackupPage.of(backups("b1", "b3", "b2"), 3, Optional.empty());

        assertThat(labels(page)).containsExactly("b3", "b2", "b1");
        assertThat(page.next()).isEmpty();
    }

    @Test
    void nextPageBeginsBehindTheLastOneEvenIfThatIsGone() {
        var first = BackupPage.of(backups("b4", "b3", "b2", "b1"), 2, Optional.empty());
        assertThat(labels(first)).containsExactly("b4", "b3");
        assertThat(first.next()).contains("/matriarch/v1/backups?limit=2&before=b3");

        var second = BackupPage.of(backups("b6", "b5", "b4", "b2", "b1"), 2, Optional.of("b3"));
        assertThat(labels(second)).containsExactly("b2", "b1");
        assertThat(second.next()).isEmpty();
    }

    @Test
    void pagesTogetherHoldEachBackupOnce() {
        var all = backups("b1", "b2", "b3", "b4", "b5", "b6", "b7");
        var seen = new ArrayList<String>();
        Optional<String> before = Optional.empty();
        BackupPage page;
        do {
            page = BackupPage.of(all, 3, before);
            seen.addAll(labels(page));
            before = Optional.of(seen.getLast());
        } while (page.next().isPresent());

        assertThat(seen).containsExactly("b7", "b6", "b5", "b4", "b3", "b2", "b1");
    }
}
