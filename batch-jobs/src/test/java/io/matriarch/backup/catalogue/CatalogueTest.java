package io.matriarch.backup.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.retention.Backup.State;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final String FIRST = "basebackup_20261123T110000Z";
    private static final String SECOND = "basebackup_20261123T113000Z";

    @TempDir
    private Path directory;

    private Repository repository;
    private Catalogue catalogue;

    @BeforeEach
    void twoBackups() throws Exception {
        repository = new DirectoryRepository(directory);
        catalogue = new Catalogue(repository);
        store(description(SECOND, NOON));
        store(description(FIRST, NOON.minusSeconds(1800)));
    }

    @Test
    void backupsAreListedByTimeAndReadAsWritten() throws Exception {
        var listing = catalogue.list();

        assertThat(listing.entries())
                .extracting(Catalogue.Entry::description)
                .containsExactly(description(FIRST, NOON.minusSeconds(1800)), description(SECOND, NOON));
        assertThat(listing.entries()).extracting(Catalogue.Entry::state).containsOnly(State.COPIED);
        assertThat(listing.unreadable()).isEmpty();
    }

    @Test
    void lastWordOnABackupCounts() throws Exception {
        catalogue.trust(FIRST, State.CONSISTENT, NOON, "its WAL is there", Optional.empty());
        var proof = new Proof(7, 1_000, Optional.of("V5"), Optional.of(NOON.plusSeconds(30)), Optional.of("a hole"));
        catalogue.trust(FIRST, State.VERIFIED, NOON.plusSeconds(60), "V5", Optional.of(proof));
        catalogue.hold(FIRST, Optional.of("audit"), NOON);

        var entry = catalogue.list().find(FIRST).orElseThrow();

        assertThat(entry.state()).isEqualTo(State.VERIFIED);
        assertThat(entry.since()).isEqualTo(NOON.plusSeconds(60));
        assertThat(entry.why()).isEqualTo("V5");
        assertThat(entry.proof()).contains(proof);
        assertThat(entry.restoreSeconds()).contains(7L);
        assertThat(entry.held()).contains("audit");
        assertThat(entry.forRetention(true).inUse()).isTrue();
        catalogue.hold(FIRST, Optional.empty(), NOON);
        assertThat(catalogue.list().find(FIRST).orElseThrow().held()).isEmpty();
    }

    @Test
    void deletionThatBrokeOffIsNoBackupAnyMore() throws Exception {
        repository.create("base/" + FIRST + "/deleting", out -> {});

        var listing = catalogue.list();

        assertThat(listing.deleting()).containsExactly(FIRST);
        assertThat(listing.find(FIRST)).isEmpty();
        catalogue.delete(FIRST);
        assertThat(repository.list("base/" + FIRST)).isEmpty();
        assertThat(catalogue.list().find(SECOND)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"label\": 7}", "{\"label\": \"basebackup_20261123T120000Z\"}"})
    void folderThatExplainsNothingIsNamedAndNotABackup(String text) throws Exception {
        var label = "basebackup_20261123T120000Z";
        repository.createAll("base/" + label, folder -> Files.writeString(folder.resolve("backup.json"), text));

        var listing = catalogue.list();

        assertThat(listing.unreadable()).containsOnlyKeys(label);
        assertThat(listing.entries()).hasSize(2);
    }

    @Test
    void incrementalBackupIsReadAsWrittenAndWorthWhatItBuildsOn() throws Exception {
        var label = "basebackup_20261123T120000Z";
        var d = description(label, NOON.plusSeconds(1800));
        var child = new BackupDescription(
                label,
                d.scope(),
                d.system(),
                d.timeline(),
                d.start(),
                d.stop(),
                d.startedAt(),
                d.stoppedAt(),
                d.postgres(),
                d.format(),
                d.source(),
                d.serverBytes(),
                d.files(),
                Optional.of(SECOND),
                Optional.of("a note"));
        store(child);
        catalogue.trust(label, State.VERIFIED, NOON, "V4", Optional.empty());

        var entry = catalogue.list().find(label).orElseThrow();

        assertThat(entry.description()).isEqualTo(child);
        assertThat(entry.state()).isEqualTo(State.VERIFIED);
        assertThat(entry.forRetention(false).parent()).contains(SECOND);
        assertThat(catalogue.list().chain(entry).descriptions()).containsExactly(description(SECOND, NOON), child);
        catalogue.trust(SECOND, State.SUSPECT, NOON, "it is damaged", Optional.empty());
        assertThat(catalogue.list().find(label).orElseThrow().state()).isEqualTo(State.SUSPECT);
        catalogue.trust(SECOND, State.VERIFIED, NOON, "V4", Optional.empty());
        assertThat(catalogue.list().find(label).orElseThrow().state()).isEqualTo(State.VERIFIED);
    }

    @Test
    void backupThatLacksAFileIsSuspectWhateverWasProven() throws Exception {
        catalogue.trust(FIRST, State.VERIFIED, NOON, "V4", Optional.empty());
        repository.delete("base/" + FIRST + "/base.tar");

        var entry = catalogue.list().find(FIRST).orElseThrow();

        assertThat(entry.state()).isEqualTo(State.SUSPECT);
        assertThat(entry.why()).isEqualTo("base.tar is missing");
    }

    @Test
    void parentThatCannotBeReadMakesNoFullBackup() {
        var json = description(FIRST, NOON).toJson().replaceFirst("\\{", "{\"parent\": 7,");

        assertThatThrownBy(() -> BackupDescription.parse(json)).hasMessageContaining("\"parent\"");
    }

    @Test
    void descriptionNamesWhatIsMissing() {
        assertThatThrownBy(() -> BackupDescription.parse("{\"label\": \"x\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"scope\" is missing");
    }

    private void store(BackupDescription description) throws Exception {
        repository.createAll("base/" + description.label(), folder -> {
            Files.write(folder.resolve("base.tar"), "data".getBytes(StandardCharsets.UTF_8));
            Files.writeString(folder.resolve(BackupDescription.FILE), description.toJson());
        });
    }

    private static BackupDescription description(String label, Instant stopped) {
        return new BackupDescription(
                label,
                "herd",
                new SystemIdentifier("7711335482183033582"),
                new Timeline(3),
                Lsn.parse("0/2000028"),
                Lsn.parse("0/2000100"),
                stopped.minusSeconds(10),
                stopped,
                "15.18",
                "none",
                "pg1",
                123_456,
                List.of(new StoredFile(
                        "base.tar", 4, "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7")));
    }
}
