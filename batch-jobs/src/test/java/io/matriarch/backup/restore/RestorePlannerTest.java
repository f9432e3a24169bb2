package io.matriarch.backup.restore;

import static io.matriarch.backup.restore.Archives.hour;
import static io.matriarch.backup.restore.Archives.in;
import static io.matriarch.backup.restore.Archives.wish;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.restore.RecoveryTarget.AtLsn;
import io.matriarch.backup.restore.RecoveryTarget.AtName;
import io.matriarch.backup.restore.RecoveryTarget.AtTime;
import io.matriarch.backup.restore.RecoveryTarget.AtXid;
import io.matriarch.backup.restore.RecoveryTarget.Immediate;
import io.matriarch.backup.restore.RecoveryTarget.Latest;
import io.matriarch.backup.restore.Refusal.Rule;
import io.matriarch.backup.restore.RestorePlanner.End;
import io.matriarch.backup.restore.RestorePlanner.Outcome;
import io.matriarch.backup.retention.Backup;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestorePlannerTest {
    private static final Optional<End> NOTHING = Optional.empty();

    @Test
    void latestIsTheLastRecordAsAPositionSoThatPromotionIsAStepOfItsOwn() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 14);

        var plan = planned(world, new Latest(), end(in(14), hour(5)));

        assertThat(plan.settings()).containsExactly(Map.entry("recovery_target_lsn", in(14).toString()));
        assertThat(plan.wal()).hasSize(5);
        assertThat(plan.walBytes()).isEqualTo(5L * Archives.SIZE.bytes());
        assertThat(plan.timeline()).isEqualTo("current");
    }

    @Test
    void withoutAnyWalLatestIsTheEndOfTheBackup() {
        var plan = planned(new Archives().backup("b1", 1, 1, 10), new Latest(), NOTHING);

        assertThat(plan.settings()).containsEntry("recovery_target", "immediate");
        assertThat(plan.wal()).isEmpty();
    }

    @Test
    void immediateFetchesNothing() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 14);

        assertThat(planned(world, new Immediate(), NOTHING).wal()).isEmpty();
    }

    @Test
    void newestBackupThatEndedBeforeTheTargetIsTaken() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .backup("b2", 3, 1, 12)
                .backup("b3", 5, 1, 14)
                .wal(1, 10, 20);

        assertThat(planned(world, new AtTime(hour(4)), end(in(20), hour(9))).label())
                .isEqualTo("b2");
        assertThat(planned(world, new AtLsn(in(13)), end(in(20), hour(9))).label())
                .isEqualTo("b2");
    }

    @Test
    void incrementalBackupTakesTheRoomOfItsWholeChainTwice() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .incremental("b2", 2, 1, 11)
                .incremental("b3", 3, 1, 12);

        var plan = planned(world, new Immediate(), NOTHING);

        assertThat(plan.label()).isEqualTo("b3");
        assertThat(plan.copyBytes()).isEqualTo(6_000_000);
        assertThat(planned(new Archives().backup("b1", 1, 1, 10), new Immediate(), NOTHING)
                        .copyBytes())
                .isEqualTo(1_000_000);
    }

    @Test
    void verifiedBackupIsPreferredToANewerOneThatNobodyTried() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .backup("b2", 3, 1, 12, Backup.State.CONSISTENT, "15.18", "backup_manifest")
                .wal(1, 10, 20);

        assertThat(planned(world, new Latest(), end(in(20), hour(9))).label()).isEqualTo("b1");
    }

    @Test
    void unverifiedBackupIsTakenWithAWarningIfThereIsNoOther() {
        var world = new Archives().backup("b1", 3, 1, 12, Backup.State.CONSISTENT, "15.18", "backup_manifest");

        assertThat(planned(world, new Latest(), NOTHING).warnings())
                .singleElement()
                .asString()
                .contains("never verified");
    }

    @Test
    void targetBeforeTheOldestBackupIsRefusedWithWhatIsReachable() {
        var world = new Archives().backup("b1", 3, 1, 12).wal(1, 12, 20);

        var refusal = refused(world, new AtTime(hour(2)), NOTHING);

        assertThat(refusal.rule()).isEqualTo(Rule.TARGET_BEFORE_BACKUP);
        assertThat(refusal.reachable()).singleElement().asString().contains(hour(3).toString(), "b1");
    }

    @Test
    void targetBeforeTheNamedBackupIsRefusedThoughAnOlderOneWouldDo() {
        var world = new Archives().backup("b1", 1, 1, 10).backup("b2", 3, 1, 12).wal(1, 10, 20);

        var drafts = world.planner().drafts(wish(new AtTime(hour(2)), Optional.of("b2"), Optional.empty()));

        assertThat(drafts.refusal().orElseThrow().rule()).isEqualTo(Rule.TARGET_BEFORE_BACKUP);
    }

    @Test
    void targetAfterTheLastCommitIsRefusedAndTheCommitNamed() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 20);

        var refusal = refused(world, new AtTime(hour(9)), end(in(20), hour(5)));

        assertThat(refusal.rule()).isEqualTo(Rule.TARGET_AFTER_LAST_COMMIT);
        assertThat(refusal.reachable().getFirst()).contains("latest").contains(hour(5).toString());
    }

    @Test
    void targetAtTheLastCommitItselfCannotBeSeenToBeReached() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 20);

        assertThat(refused(world, new AtTime(hour(5)), end(in(20), hour(5))).rule())
                .isEqualTo(Rule.TARGET_AFTER_LAST_COMMIT);
    }

    @Test
    void unknownLastCommitIsNoRefusalButAWarning() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 60);

        var plan = planned(world, new AtTime(hour(5)), Optional.of(new End(in(60), Optional.empty())));

        assertThat(plan.warnings()).singleElement().asString().contains("nobody committed");
    }

    @Test
    void positionBehindTheWalIsRefused() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 20);

        assertThat(refused(world, new AtLsn(in(30)), end(in(20), hour(5))).rule())
                .isEqualTo(Rule.TARGET_AFTER_END_OF_WAL);
    }

    @Test
    void holeBeforeTheTargetIsNamed() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 20).without(1, 15);

        var refusal = refused(world, new AtLsn(in(18)), end(in(14), hour(4)));

        assertThat(refusal.rule()).isEqualTo(Rule.WAL_HOLE);
        assertThat(refusal.why())
                .contains(Archives.SIZE.name(new Timeline(1), 15).toString());
    }

    @Test
    void backupBehindTheHoleReachesWhatIsBehindIt() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .backup("b2", 6, 1, 16)
                .wal(1, 10, 20)
                .without(1, 15);

        assertThat(planned(world, new AtLsn(in(18)), end(in(20), hour(9))).label())
                .isEqualTo("b2");
    }

    @Test
    void latestBeforeAHoleWarns() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 20).without(1, 15);

        assertThat(planned(world, new Latest(), end(in(14), hour(4))).warnings())
                .singleElement()
                .asString()
                .contains("hole");
    }

    @Test
    void promotionIsFollowedAndTheTimelineIsANumber() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .wal(1, 10, 13)
                .promoted(1, 2, 13)
                .wal(2, 13, 16);

        var plan = planned(world, new Latest(), end(in(16), hour(8)));

        assertThat(plan.timeline()).isEqualTo("2");
        assertThat(plan.wal())
                .extracting(n -> n.name().toString())
                .containsExactly(
                        "00000001000000000000000A",
                        "00000001000000000000000B",
                        "00000001000000000000000C",
                        "00000002000000000000000D",
                        "00000002000000000000000E",
                        "00000002000000000000000F",
                        "000000020000000000000010");
    }

    @Test
    void endOfTheOldTimelineServesWhileTheNewOneHasNothingYet() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .wal(1, 10, 12)
                .partial(1, 13)
                .promoted(1, 2, 13);

        var plan = planned(world, new Latest(), end(in(13), hour(8)));

        assertThat(plan.wal().getLast().partial()).isTrue();
        assertThat(plan.wal().getLast().name().timeline().id()).isEqualTo(1);
    }

    @Test
    void branchThatWasLeftIsNotFollowedUnlessItIsNamed() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .wal(1, 10, 20)
                .promoted(1, 2, 13)
                .wal(2, 13, 15);

        assertThat(world.planner()
                        .drafts(wish(new Latest()))
                        .drafts()
                        .getFirst()
                        .path()
                        .target()
                        .id())
                .isEqualTo(2);
        assertThat(world.planner()
                        .drafts(wish(new Latest(), Optional.empty(), Optional.of(1)))
                        .drafts()
                        .getFirst()
                        .reach()
                        .segments())
                .hasSize(11);
    }

    @Test
    void backupOfALeftBranchIsRefusedForTheOther() {
        var world = new Archives()
                .backup("b1", 6, 1, 18)
                .wal(1, 10, 20)
                .promoted(1, 2, 13)
                .wal(2, 13, 15);

        assertThat(world.planner()
                        .drafts(wish(new Latest()))
                        .refusal()
                        .orElseThrow()
                        .rule())
                .isEqualTo(Rule.OTHER_BRANCH);
    }

    @Test
    void unknownTimelineIsRefused() {
        var world = new Archives().backup("b1", 6, 1, 18);

        assertThat(world.planner()
                        .drafts(wish(new Latest(), Optional.empty(), Optional.of(7)))
                        .refusal()
                        .orElseThrow()
                        .rule())
                .isEqualTo(Rule.UNKNOWN_TIMELINE);
    }

    @Test
    void otherMajorVersionIsRefused() {
        var world = new Archives().backup("b1", 1, 1, 10, Backup.State.VERIFIED, "16.2", "backup_manifest");

        assertThat(refused(world, new Latest(), NOTHING).rule()).isEqualTo(Rule.OTHER_MAJOR_VERSION);
    }

    @Test
    void missingManifestIsRefused() {
        var world = new Archives().backup("b1", 1, 1, 10, Backup.State.VERIFIED, "15.2", "pg_hba.conf");

        assertThat(refused(world, new Latest(), NOTHING).rule()).isEqualTo(Rule.MISSING_MANIFEST);
    }

    @Test
    void suspectBackupIsNeverTakenNotEvenByItsName() {
        var world = new Archives()
                .backup("b1", 1, 1, 10)
                .backup("b2", 3, 1, 12, Backup.State.SUSPECT, "15.18", "backup_manifest");

        assertThat(planned(world, new Latest(), NOTHING).label()).isEqualTo("b1");
        assertThat(world.planner()
                        .drafts(wish(new Latest(), Optional.of("b2"), Optional.empty()))
                        .refusal()
                        .orElseThrow()
                        .rule())
                .isEqualTo(Rule.SUSPECT_BACKUP);
    }

    @Test
    void unknownLabelIsRefusedWithTheOnesThatAre() {
        var refusal = new Archives()
                .backup("b1", 1, 1, 10)
                .planner()
                .drafts(wish(new Latest(), Optional.of("b9"), Optional.empty()))
                .refusal()
                .orElseThrow();

        assertThat(refusal.rule()).isEqualTo(Rule.UNKNOWN_LABEL);
        assertThat(refusal.reachable()).containsExactly("b1");
    }

    @Test
    void emptyRepositoryIsRefused() {
        assertThat(refused(new Archives(), new Latest(), NOTHING).rule()).isEqualTo(Rule.NO_BACKUP);
    }

    @Test
    void restorePointIsSoughtBehindEachBackupFromTheNewestBack() {
        var world = new Archives().backup("b1", 1, 1, 10).backup("b2", 3, 1, 12).wal(1, 10, 20);
        var wish = wish(new AtName("before"));

        var drafts = world.planner().drafts(wish).drafts();

        assertThat(drafts).extracting(d -> d.backup().label()).containsExactly("b2", "b1");
        assertThat(world.planner()
                        .settle(drafts.getFirst(), wish, NOTHING, false)
                        .refusal()
                        .orElseThrow()
                        .rule())
                .isEqualTo(Rule.TARGET_NOT_FOUND);
        assertThat(world.planner()
                        .settle(drafts.getLast(), wish, NOTHING, true)
                        .plan()
                        .orElseThrow()
                        .settings())
                .containsEntry("recovery_target_name", "before");
    }

    @Test
    void transactionIsNamedByItsNumber() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 20);
        var wish = wish(new AtXid(771));

        var outcome =
                world.planner().settle(world.planner().drafts(wish).drafts().getFirst(), wish, NOTHING, true);

        assertThat(outcome.plan().orElseThrow().settings()).containsEntry("recovery_target_xid", "771");
    }

    @Test
    void planIsTheSameAfterItWasWrittenDown() {
        var world = new Archives().backup("b1", 1, 1, 10).wal(1, 10, 12).partial(1, 13);
        var plan = planned(world, new Latest(), end(in(13), hour(5)));

        var again = Plan.parse(Json.parseObject(Json.spaced(plan.document())));

        assertThat(again).isEqualTo(plan);
        assertThat(again.hash()).isEqualTo(plan.hash());
    }

    private static Optional<End> end(Lsn lastRecord, Instant lastCommit) {
        return Optional.of(new End(lastRecord, Optional.of(lastCommit)));
    }

    private static Plan planned(Archives world, RecoveryTarget target, Optional<End> end) {
        return outcome(world, target, end).plan().orElseThrow();
    }

    private static Refusal refused(Archives world, RecoveryTarget target, Optional<End> end) {
        return outcome(world, target, end).refusal().orElseThrow();
    }

    private static Outcome outcome(Archives world, RecoveryTarget target, Optional<End> end) {
        var wish = wish(target);
        var drafts = world.planner().drafts(wish);
        return drafts.refusal().isPresent()
                ? new Outcome(Optional.empty(), drafts.refusal())
                : world.planner().settle(drafts.drafts().getFirst(), wish, end, false);
    }
}
