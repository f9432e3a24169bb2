package io.matriarch.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.Promise.State;
import io.matriarch.backup.WalStatus;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.catalogue.Catalogue.Listing;
import io.matriarch.backup.catalogue.Proof;
import io.matriarch.backup.retention.Backup;
import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private static final Duration ZERO = Duration.ZERO;
    private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");

    private static Instant min(int minutes) {
        return NOON.plusSeconds(60L * minutes);
    }

    private static Entry backup(Instant stoppedAt, Backup.State state) {
        var description = new BackupDescription(
                "basebackup_" + stoppedAt.getEpochSecond(),
                "demo",
                new SystemIdentifier("7000000000000000001"),
                new Timeline(1),
                Lsn.parse("0/2000000"),
                Lsn.parse("0/2000100"),
                stoppedAt,
                stoppedAt,
                "15.1",
                "zstd",
                "pg1",
                1_000,
                List.of());
        return new Entry(
                description, state, stoppedAt, "because", Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Map<String, State> judge(Instant begun, Instant now, Entry... entries) {
        var states = new HashMap<String, State>();
        Promises.judge(new Listing(List.of(entries), Map.of(), List.of()), BackupPolicy.DEFAULTS, begun, now)
                .forEach(p -> states.put(p.name(), p.state()));
        return states;
    }

    @Test
    void schedulerThatHangsIsNoticed() {
        assertThat(Promises.scheduler(Duration.ofSeconds(60)).state()).isEqualTo(State.KEPT);
        assertThat(Promises.scheduler(Duration.ofSeconds(61)).state()).isEqualTo(State.BROKEN);
    }

    @Test
    void aBackupThatStaysAwayForTwoSlotsIsSaid() {
        var last = backup(min(1), Backup.State.VERIFIED);
        assertThat(judge(min(-600), min(64), last)).containsEntry("backup", State.KEPT);
        assertThat(judge(min(-600), min(66), last))
                .containsEntry("backup", State.BROKEN)
                .containsEntry("verified", State.BROKEN);
    }

    @Test
    void anUnprovenBackupKeepsOnlyOnePromise() {
        assertThat(judge(
                        min(-600),
                        min(40),
                        backup(min(-120), Backup.State.VERIFIED),
                        backup(min(31), Backup.State.CONSISTENT)))
                .containsEntry("backup", State.KEPT)
                .containsEntry("verified", State.BROKEN);
    }

    @Test
    void aManagerThatHasJustBegunWaitsForItsOwnFirstSlots() {
        assertThat(judge(min(50), min(60))).containsEntry("backup", State.KEPT);
        var weekOld = backup(min(-10_000), Backup.State.VERIFIED);
        assertThat(judge(min(50), min(60), weekOld)).containsEntry("backup", State.KEPT);
        assertThat(judge(min(50), min(66), weekOld)).containsEntry("backup", State.BROKEN);
        assertThat(judge(min(50), min(96))).containsEntry("backup", State.BROKEN);
    }

    @Test
    void aSuspectBackupIsSaidAtOnce() {
        var promises = Promises.judge(
                new Listing(List.of(backup(min(1), Backup.State.SUSPECT)), Map.of("x", "no backup.json"), List.of()),
                BackupPolicy.DEFAULTS,
                min(0),
                min(2));
        assertThat(promises)
                .filteredOn(p -> p.name().equals("sound"))
                .singleElement()
                .matches(p -> p.state() == State.BROKEN)
                .extracting(Promise::sentence)
                .asString()
                .contains("because", "no backup.json");
    }

    @Test
    void whatTheNewestVerificationFoundBesideTheBackupIsSaid() {
        assertThat(judge(min(0), min(2), backup(min(1), Backup.State.VERIFIED))).doesNotContainKey("replayed");
        assertThat(judge(min(0), min(2), proven(min(1), Optional.of("a hole in the WAL"))))
                .containsEntry("replayed", State.BROKEN)
                .containsEntry("sound", State.KEPT);
        assertThat(judge(
                        min(0),
                        min(3),
                        proven(min(1), Optional.of("a hole in the WAL")),
                        proven(min(2), Optional.empty())))
                .containsEntry("replayed", State.KEPT);
    }

    private static Entry proven(Instant at, Optional<String> complaint) {
        var e = backup(at, Backup.State.VERIFIED);
        var proof = new Proof(1, 1, Optional.of("V4"), Optional.empty(), complaint);
        return new Entry(e.description(), e.state(), e.since(), e.why(), e.held(), Optional.of(proof), e.marked());
    }

    private static WalStatus wal(WalStatus.State state, Optional<Instant> completeAt, Optional<String> gap) {
        return new WalStatus(
                state,
                "the repository is full",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                completeAt,
                Optional.empty(),
                Optional.empty(),
                gap,
                min(0));
    }

    @Test
    void walThatStaysAwayIsSaidAndAGapAtOnce() {
        var streaming = WalStatus.State.STREAMING;
        assertThat(Promises.wal(wal(WalStatus.State.OFF, Optional.empty(), Optional.empty()), ZERO, min(0), min(60)))
                .isEmpty();
        assertThat(Promises.wal(wal(streaming, Optional.of(min(9)), Optional.empty()), ZERO, min(0), min(12)))
                .hasValueSatisfying(p -> assertThat(p.state()).isEqualTo(State.KEPT));
        assertThat(Promises.wal(wal(streaming, Optional.of(min(9)), Optional.empty()), ZERO, min(0), min(15)))
                .hasValueSatisfying(p -> {
                    assertThat(p.state()).isEqualTo(State.BROKEN);
                    assertThat(p.sentence()).contains("the repository is full");
                });
        assertThat(Promises.wal(wal(streaming, Optional.empty(), Optional.empty()), ZERO, min(10), min(12)))
                .hasValueSatisfying(p -> assertThat(p.state()).isEqualTo(State.KEPT));
        assertThat(Promises.wal(
                        wal(streaming, Optional.of(min(11)), Optional.of("0/3000000 to 0/5000000")),
                        ZERO,
                        min(10),
                        min(12)))
                .hasValueSatisfying(p -> assertThat(p.state()).isEqualTo(State.BROKEN));
    }
}
