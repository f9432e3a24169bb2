package io.matriarch.ha.adapter.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.DecisionEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDecisionJournalTest {
    @TempDir
    Path directory;

    @Test
    void newestComeFirstAlsoAfterARestart() {
        try (var journal = new FileDecisionJournal(directory)) {
            IntStream.range(0, 100).forEach(i -> journal.append(entry(i, "because " + i)));
            assertThat(journal.newest(3))
                    .extracting(DecisionEntry::because)
                    .containsExactly("because 99", "because 98", "because 97");
        }
        try (var journal = new FileDecisionJournal(directory)) {
            journal.append(entry(100, "because 100"));
            assertThat(journal.newest(80))
                    .extracting(DecisionEntry::because)
                    .startsWith("because 100", "because 99", "because 98")
                    .hasSize(80)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void repeatedDecisionsBecomeACount() throws IOException {
        try (var journal = new FileDecisionJournal(directory)) {
            IntStream.range(0, 5).forEach(i -> journal.append(entry(i, "the same")));
            journal.append(entry(9, "another"));
        }
        List<String> lines = lines();
        assertThat(lines.size()).isEqualTo(3);
        assertThat(JournalLines.parse(lines.get(1)))
                .isEqualTo(new JournalLines.Repeated(4, Instant.ofEpochSecond(1_800_000_000L + 4)));
    }

    @Test
    void theCountOfTheLastIsNotLostAtTheEnd() throws IOException {
        try (var journal = new FileDecisionJournal(directory)) {
            IntStream.range(0, 5).forEach(i -> journal.append(entry(i, "the same")));
        }
        assertThat(JournalLines.parse(lines().getLast()) instanceof JournalLines.Repeated)
                .isTrue();
    }

    @Test
    void filesAreBoundedInNumberAndSize() throws Exception {
        for (int run = 0; run < 4; run++) {
            try (var journal = new FileDecisionJournal(directory, 3, 20_000)) {
                for (int i = 0; i < 100; i++) {
                    journal.append(entry(i, "because " + run + " " + i));
                }
            }
        }
        try (var files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(3);
            for (Path file : all) {
                assertThat(Files.size(file)).isLessThanOrEqualTo(20_000);
            }
        }
    }

    @Test
    void aLineTornByACrashDoesNotSpoilTheNext() throws IOException {
        try (var journal = new FileDecisionJournal(directory)) {
            journal.append(entry(1, "first"));
        }
        Files.writeString(directory.resolve("decisions-000001.jsonl"), "{\"at\":\"2026", StandardOpenOption.APPEND);
        try (var journal = new FileDecisionJournal(directory)) {
            journal.append(entry(2, "second"));
        }
        assertThat(lines().size()).isEqualTo(3);
        try (var journal = new FileDecisionJournal(directory)) {
            assertThat(journal.newest(10)).extracting(DecisionEntry::because).containsExactly("second", "first");
        }
    }

    @Test
    void aBrokenDiskDoesNotDisturbTheCaller() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "in the way");
        try (var journal = new FileDecisionJournal(file)) {
            journal.append(entry(1, "first"));
            assertThat(journal.newest(1)).hasSize(1);
        }
    }

    private List<String> lines() throws IOException {
        var lines = new java.util.ArrayList<String>();
        for (Path file : new JournalFiles(directory, 8, 1 << 20).files()) {
            lines.addAll(Files.readAllLines(file));
        }
        return lines;
    }

    private static DecisionEntry entry(int second, String because) {
        var e = new RandomValues(7).of(DecisionEntry.class);
        return new DecisionEntry(
                Instant.ofEpochSecond(1_800_000_000L + second),
                e.rule(),
                e.loss(),
                because,
                e.rejected(),
                e.actions(),
                e.outcomes(),
                e.dcs(),
                e.node(),
                e.memory(),
                e.now());
    }
}
