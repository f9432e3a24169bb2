package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.base.BaseBackup.Increment;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.retention.Backup.State;
import io.matriarch.ha.model.BackupPolicy.Incremental;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParentChoiceTest {
    private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");
    private static final String SYSTEM = "7000000000000000001";
    private static final Summaries ALL =
            new Summaries(true, List.of(new Summaries.Span(new Timeline(1), Lsn.ZERO, new Lsn(1_000_000))));
    private static final Incremental LIMITS = new Incremental(Duration.ofDays(1), 3);

    private static Entry backup(String label, Optional<String> parent, Instant at, State state) {
        return backup(label, parent, at, state, SYSTEM, "17.10", "backup_manifest");
    }

    private static Entry backup(
            String label,
            Optional<String> parent,
            Instant at,
            State state,
            String system,
            String version,
            String file) {
        var description = new BackupDescription(
                label,
                "herd",
                new SystemIdentifier(system),
                new Timeline(1),
                new Lsn(1_000),
                new Lsn(2_000),
                at,
                at,
                version,
                "zstd",
                "pg1",
                1_000,
                List.of(new StoredFile(file, 10, "00")),
                parent,
                Optional.empty());
        return new Entry(description, state, at, "", Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static ServerFacts server(int version, Summaries summaries) {
        return new ServerFacts(
                new SystemIdentifier(SYSTEM), new Timeline(1), version, version + ".12", 1_000, 0, summaries, Map.of());
    }

    private static ParentChoice must(Entry... known) {
        return choose(true, server(17, ALL), Format.ZSTD, known);
    }

    private static ParentChoice may(Entry... known) {
        return choose(false, server(17, ALL), Format.ZSTD, known);
    }

    private static ParentChoice choose(boolean must, ServerFacts server, Format format, Entry... known) {
        return ParentChoice.of(new Increment(must, LIMITS, List.of(known)), server, format, NOON);
    }

    private static Optional<String> label(ParentChoice choice) {
        return choice.parent().map(BackupDescription::label);
    }

    private static final Entry FULL = backup("full", Optional.empty(), NOON.minusSeconds(7_200), State.VERIFIED);
    private static final Entry SECOND =
            backup("second", Optional.of("full"), NOON.minusSeconds(3_600), State.CONSISTENT);
    private static final Entry THIRD = backup("third", Optional.of("second"), NOON.minusSeconds(60), State.VERIFIED);

    @Test
    void newestTrustedBackupIsBuiltOn() {
        assertThat(label(must(FULL, SECOND))).contains("second");
        assertThat(label(may(FULL, SECOND))).contains("second");
    }

    @ParameterizedTest
    @EnumSource(
            value = State.class,
            names = {"COPIED", "SUSPECT"})
    void oneThatIsNotTrustedIsPassedOver(State state) {
        assertThat(label(must(FULL, backup("newer", Optional.empty(), NOON, state))))
                .contains("full");
    }

    @Test
    void anotherSystemOrVersionOrOneWithoutAManifestIsPassedOver() {
        assertThat(label(must(
                        FULL,
                        backup(
                                "a",
                                Optional.empty(),
                                NOON,
                                State.VERIFIED,
                                "7000000000000000002",
                                "17.10",
                                "backup_manifest"),
                        backup("b", Optional.empty(), NOON, State.VERIFIED, SYSTEM, "16.4", "backup_manifest"),
                        backup("c", Optional.empty(), NOON, State.VERIFIED, SYSTEM, "17.10", "c.tar.gz"))))
                .contains("full");
    }

    @Test
    void oneThatIsMarkedForDeletionIsPassedOver() {
        var marked = new Entry(
                SECOND.description(), State.VERIFIED, NOON, "", Optional.empty(), Optional.empty(), Optional.of(NOON));

        assertThat(label(must(FULL, marked))).contains("full");
    }

    @Test
    void aChainEndsWithItsLongestLength() {
        assertThat(must(FULL, SECOND, THIRD).parent()).isEmpty();
        assertThat(must(FULL, SECOND, THIRD).why())
                .hasValueSatisfying(why -> assertThat(why).contains("longest_chain", "third", "3 backups"));
    }

    @Test
    void whenTheFullOneIsOldItIsTimeForTheNextUnlessTheWishIsAnother() {
        var old = backup("old", Optional.empty(), NOON.minus(Duration.ofDays(1)), State.VERIFIED);
        var child = backup("child", Optional.of("old"), NOON.minusSeconds(60), State.VERIFIED);

        assertThat(may(old, child)).isEqualTo(ParentChoice.full());
        assertThat(label(must(old, child))).contains("child");
    }

    @Test
    void withoutWhatItNeedsThereIsNoneAndAReason() {
        var off = server(17, new Summaries(false, List.of()));
        var gone = server(
                17, new Summaries(true, List.of(new Summaries.Span(new Timeline(1), new Lsn(5_000), new Lsn(6_000)))));

        assertNone(choose(true, server(16, Summaries.none()), Format.ZSTD, FULL), "version 17");
        assertNone(choose(true, off, Format.ZSTD, FULL), "summarize_wal is off", "set it to on");
        assertNone(choose(true, server(17, ALL), Format.TAR_GZ, FULL), "tar.gz");
        assertNone(choose(true, gone, Format.ZSTD, FULL), "WAL summaries", "full");
        assertNone(must(), "no backup to build on");
    }

    private static void assertNone(ParentChoice choice, String... words) {
        assertThat(choice.parent()).isEmpty();
        assertThat(choice.why()).hasValueSatisfying(why -> assertThat(why).contains(words));
    }
}
