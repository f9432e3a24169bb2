package io.matriarch.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.adapter.system.JournalLines;
import io.matriarch.ha.adapter.system.RecordJson;
import io.matriarch.ha.decide.HaDecider;
import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayToolTest {
    /** A member whose data directory cannot be read. */
    private static final String NODE = """
            {"self":"pg1","tags":{"values":{}},"data":"UNKNOWN","postgres":"UNKNOWN","postgresSince":1,"role":"UNKNOWN",
             "appliedStandbyNames":"","storage":{},"fence":{"state":"IDLE"},"failsafe":{},"wallClock":"2026-11-23T04:00:00Z",
             "request":"NONE"}
            """;

    @TempDir
    Path directory;

    @Test
    void recordedDecisionsAreMadeAgain() throws IOException {
        Path journal = journal(JournalLines.text(entry("")));
        var result = replay(journal.toString());
        assertThat(result.text())
                .contains("#1  2026-11-23T04:00:00Z")
                .contains("SAME")
                .contains("All decided the same.");
        assertThat(result.status()).isEqualTo(ReplayTool.SAME);
    }

    @Test
    void aDifferenceShowsBothAndFails() throws IOException {
        Path journal = journal(JournalLines.text(entry("")), JournalLines.text(entry(" (as it was)")));
        var result = replay(journal.toString());
        assertThat(result.status()).isEqualTo(ReplayTool.DIFFERENT);
        assertThat(result.text())
                .contains("DIFFERENT")
                .contains("recorded:")
                .contains("(as it was)")
                .contains("now: ")
                .contains("1 differ");
        assertThat(replay("--entry", "1", journal.toString()).status()).isEqualTo(ReplayTool.SAME);
        assertThat(replay("--entry", "2", "--json", journal.toString()).text())
                .contains("\"same\":false")
                .contains("\"now\":{");
    }

    @Test
    void repeatsAreToldAndTornLinesAreNotPassedOver() throws IOException {
        Path journal = journal(
                JournalLines.text(entry("")),
                JournalLines.text(new JournalLines.Repeated(7, Instant.EPOCH)),
                "{\"at\":\"20");
        var result = replay(journal.toString());
        assertThat(result.text()).contains("7 times more").contains("#2  UNREADABLE");
        assertThat(result.status()).isEqualTo(ReplayTool.DIFFERENT);
    }

    @Test
    void lineTornInsideACharacterCostsOneEntry() throws IOException {
        Path journal = journal(JournalLines.text(entry("")));
        byte[] torn = "{\"because\":\"\u00e9".getBytes(StandardCharsets.UTF_8);
        Files.write(journal, Arrays.copyOf(torn, torn.length - 1), StandardOpenOption.APPEND);
        var result = replay(journal.toString());
        assertThat(result.text()).contains("SAME").contains("#2  UNREADABLE");
        assertThat(result.status()).isEqualTo(ReplayTool.DIFFERENT);
    }

    @Test
    void wrongArgumentsAreRefused() throws IOException {
        assertThat(replay().status()).isEqualTo(ReplayTool.USAGE);
        assertThat(replay("--unknown", "x").status()).isEqualTo(ReplayTool.USAGE);
        assertThat(replay(directory.resolve("missing").toString()).status()).isEqualTo(ReplayTool.USAGE);
        assertThat(replay("--entry", "9", journal(JournalLines.text(entry(""))).toString())
                        .status())
                .isEqualTo(ReplayTool.USAGE);
    }

    private record Result(int status, String text) {}

    private static Result replay(String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = new ReplayTool(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(List.of(args));
        return new Result(status, out.toString(StandardCharsets.UTF_8));
    }

    private Path journal(String... lines) throws IOException {
        return Files.write(directory.resolve("decisions-000001.jsonl"), List.of(lines));
    }

    /** An entry as the loop would record it, its reason changed by a suffix. */
    private static DecisionEntry entry(String suffix) {
        var dcs = new DcsView.Lost(new MonotonicTime(5), "no endpoint answered", Optional.empty());
        NodeView node = RecordJson.read(NODE, NodeView.class);
        var now = new MonotonicTime(1_000_000_000L);
        var decision = HaDecider.decide(dcs, node, HaMemory.EMPTY, now);
        return new DecisionEntry(
                Instant.parse("2026-11-23T04:00:00Z"),
                decision.rule().name(),
                decision.rule().loss(),
                decision.because() + suffix,
                decision.rejected(),
                decision.actions().stream().map(Action::toString).toList(),
                List.of(),
                dcs,
                node,
                HaMemory.EMPTY,
                now);
    }
}
