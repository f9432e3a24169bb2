package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.LEASE;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OLDER_LEASE;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.ago;
import static io.matriarch.ha.decide.Views.in;
import static io.matriarch.ha.decide.Views.names;
import static io.matriarch.ha.decide.Views.only;
import static io.matriarch.ha.decide.Views.peer;
import static io.matriarch.ha.decide.Views.plus;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineClaim;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeaderPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void healthyPrimaryIsLeftAlone() {
        var d = Views.primary().decide();

        assertThat(d.rule()).isEqualTo(Rule.KEEP_LEADING);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void primaryWithoutADeadlineIsGuardedFirstOfAll() {
        var d = Views.primary().noDeadline().decide();

        assertThat(d.actions().get(0)).isInstanceOf(Action.GuardPrimary.class);
    }

    @Test
    void primaryWhoseDeadlineStandsStillIsGuardedAgain() {
        var d = Views.primary().deadline(in(SECOND)).decide();

        assertThat(names(d)).contains("GuardPrimary");
    }

    @Test
    void recoveringPrimaryIsGuardedTooWhenTheAgentWasRestarted() {
        var d = Views.primary().postgres(PostgresState.STARTING).noDeadline().decide();

        assertThat(names(d)).contains("GuardPrimary");
    }

    @Test
    void restartedAgentLeavesAPrimaryAloneWhileItsFenceHolds() {
        // Given an inherited lease that was not renewed yet: it is not known to be safe.
        var d = Views.primary()
                .freshAgent()
                .lease(LEASE, Duration.ZERO)
                .deadline(in(SECOND))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.LEADERSHIP_LOST);
        assertThat(d.actions()).isEmpty();
        assertThat(d.wakeUpAt().isAtOrAfter(in(SECOND))).isFalse();
    }

    @Test
    void primaryWithNeitherLeaseNorDeadlineIsFencedAtOnce() {
        var d = Views.primary().noLease().noDeadline().decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void replicaThatWonTheKeyIsNotFencedForALateRenewal() {
        var d = RuleExamplesTest.elected().lease(LEASE, SECOND.negated()).decide();

        assertThat(d.actions()).isEmpty();
    }

    @Test
    void keyOnAnOlderLeaseOfOursMovesToThePresentOne() {
        var d = Views.primary().leader(ME, OLDER_LEASE).decide();

        assertThat(names(d)).containsExactly("ReattachLeaderKey");
    }

    @Test
    void promotionCarriesTheLicenceOfThePresentLease() {
        var d = RuleExamplesTest.elected().decide();

        assertThat(only(d, Action.Promote.class).licence().lease()).isEqualTo(LEASE);
    }

    @Test
    void promotionClaimsANumberAboveEveryOther() {
        var claim = new TimelineClaim(new Timeline(7), OTHER, new Revision(55));
        var d = RuleExamplesTest.elected()
                .cluster("timelineClaim", Optional.of(claim))
                .decide();

        assertThat(only(d, Action.ClaimTimeline.class))
                .isEqualTo(new Action.ClaimTimeline(new Timeline(8), new Revision(55)));
        assertThat(only(d, Action.Promote.class).next()).isEqualTo(new Timeline(8));
        assertThat(names(d)).containsSubsequence("ClaimTimeline", "Promote");
    }

    @Test
    void firstClaimIsAboveTheHistoryOfTheCluster() {
        var d = RuleExamplesTest.elected()
                .cluster("timelineClaim", Optional.empty())
                .decide();

        assertThat(only(d, Action.ClaimTimeline.class))
                .isEqualTo(new Action.ClaimTimeline(new Timeline(3), new Revision(0)));
    }

    @Test
    void primaryClaimsTheTimelineThatItIsOn() {
        var d = Views.primary().cluster("timelineClaim", Optional.empty()).decide();

        assertThat(only(d, Action.ClaimTimeline.class).timeline()).isEqualTo(Views.TL2);
    }

    @Test
    void nothingIsPromotedWhileTheRoleIsUnknown() {
        var d = RuleExamplesTest.elected().node("role", PostgresRole.UNKNOWN).decide();

        assertThat(d.rule()).isEqualTo(Rule.UNKNOWN_STATE);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void promotionThatDoesNotEndIsAskedForAgain() {
        var d = RuleExamplesTest.elected()
                .memory(m -> m.promotedAt = Optional.of(Views.ago(Duration.ofMinutes(2))))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.PROMOTE);
    }

    @Test
    void oldPromisesOfTheSyncKeyEndBeforeThePromotion() {
        var d = RuleExamplesTest.elected()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(OTHER), Set.of(ME, THIRD), 0)
                .decide();

        assertThat(names(d)).containsExactly("WriteSyncState", "ClaimTimeline", "Promote");
        assertThat(only(d, Action.WriteSyncState.class).state().orElseThrow().standbys())
                .isEmpty();
    }

    @Test
    void strictModeAcknowledgesNothingAloneFromTheFirstCommitOn() {
        var d = RuleExamplesTest.elected()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .config("synchronousModeStrict", true)
                .decide();

        assertThat(names(d)).containsExactly("SetSynchronousStandbyNames", "ClaimTimeline", "Promote");
    }

    @Test
    void reinitializeOfALeaderIsRefusedAndNotKeptForLater() {
        var d = Views.primary().request(LocalRequest.REINITIALIZE).decide();

        assertThat(only(d, Action.DropLocalRequest.class).request()).isEqualTo(LocalRequest.REINITIALIZE);
    }

    @Test
    void keyIsKeptWhileAPrimaryStillWritesInADirectoryThatIsGone() {
        var d = Views.primary().node("data", DataDirectory.EMPTY).decide();

        assertThat(names(d)).contains("FenceNow").doesNotContain("ReleaseLeaderKey");
    }

    @Test
    void leaderWhoseDiskIsGoneGivesTheKeyBackOnceItIsDown() {
        var d = Views.fallenPrimary(PostgresState.CRASHED)
                .node("data", DataDirectory.UNKNOWN)
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.DATA_UNREADABLE);
        assertThat(names(d)).containsExactly("ReleaseLeaderKey");
    }

    @Test
    void primaryWithoutTheKeyIsStoppedAlsoWhenItsDiskCannotBeRead() {
        var d = Views.primary()
                .leader(OTHER, Views.THEIR_LEASE)
                .node("data", DataDirectory.UNKNOWN)
                .decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void slotsAndFilesComeAfterWhatCommitsWaitFor() {
        var d = Views.primary()
                .node("slots", Map.of("pg2", END))
                .node("settingsChanged", true)
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .node("appliedStandbyNames", "\"pg2\"")
                .sync(Optional.of(ME), Set.of(OTHER), 0)
                .withoutMember(OTHER)
                .memory(m -> m.checkpointDue = true)
                .decide();

        assertThat(names(d)).endsWith("Checkpoint", "ReloadConfig", "SyncSlots");
        assertThat(names(d).size()).isGreaterThan(3);
    }

    @Test
    void onlyWhatNothingDependsOnStandsAlone() {
        assertThat(new Action.ReloadConfig().standsAlone()).isTrue();
        assertThat(new Action.SetSynchronousStandbyNames("").standsAlone()).isFalse();
    }

    @Test
    void requestOfAnotherLeaderIsCleared() {
        var d = Views.primary()
                .failover(Optional.of(THIRD), Optional.of(OTHER), Optional.empty())
                .decide();

        assertThat(names(d)).contains("ClearFailoverRequest");
    }

    @Test
    void candidateThatIsNoMemberIsRefused() {
        var d = Views.primary()
                .failover(Optional.empty(), Optional.of(new io.matriarch.ha.model.MemberName("pg9")), Optional.empty())
                .peers(peer(OTHER, END), peer(THIRD, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.SWITCHOVER_REFUSE);
        assertThat(names(d)).containsExactly("ClearFailoverRequest");
    }

    @Test
    void nofailoverLeaderLeadsOn() {
        assertThat(Views.primary().tags("nofailover", "true").decide().rule()).isEqualTo(Rule.KEEP_LEADING);
    }

    @Test
    void crashedPrimaryHandsOverOnlyToWhoeverHoldsEveryByte() {
        var d = Views.fallenPrimary(PostgresState.CRASHED)
                .node("endOfWal", Optional.of(END))
                .peers(peer(OTHER, plus(END, -1)), peer(THIRD, plus(END, -8192)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RESTART_IN_PLACE);
        assertThat(d.rejected()).hasSize(2);
    }

    @Test
    void withoutAKnownEndOfWalNobodyIsComplete() {
        var d = Views.fallenPrimary(PostgresState.CRASHED)
                .peers(peer(OTHER, plus(END, 1 << 20)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RESTART_IN_PLACE);
    }

    @Test
    void stopThatWasAskedForIsNoCrash() {
        var d = Views.fallenPrimary(PostgresState.STOPPED)
                .request(LocalRequest.RESTART)
                .config("primaryStartTimeout", Duration.ZERO)
                .node("endOfWal", Optional.of(END))
                .peers(peer(OTHER, END))
                .decide();

        assertThat(names(d)).containsExactly("StartPrimary");
        assertThat(d.rule()).isEqualTo(Rule.RESTART_REQUESTED);
    }

    @Test
    void onlyACrashIsTakenForOne() {
        assertThat(Views.fallenPrimary(PostgresState.STOPPED).decide().rule()).isEqualTo(Rule.START_AS_PRIMARY);
        assertThat(Views.fallenPrimary(PostgresState.CRASHED).decide().rule()).isEqualTo(Rule.RESTART_IN_PLACE);
        // Waiting for the next attempt has the same name as the attempt.
        assertThat(Views.fallenPrimary(PostgresState.STOPPED)
                        .memory(m -> m.nextAttemptAt = Optional.of(Views.NOW.plus(Duration.ofSeconds(1))))
                        .decide()
                        .rule())
                .isEqualTo(Rule.START_AS_PRIMARY);
    }

    @Test
    void fullDiskDoesNotWanderButIsGivenUpAfterTheStartTimeout() {
        var full =
                Views.fallenPrimary(PostgresState.CRASHED).node("storage", new StorageView(Optional.of(0L), 32L << 20));
        var roomy = Records.with(peer(OTHER, plus(END, -8192)), "walFreeBytes", Optional.of(10L << 30));

        assertThat(full.peers(roomy).decide().rule()).isEqualTo(Rule.WAL_DISK_FULL);
        assertThat(full.memory(m -> m.recoveringSince = Optional.of(Views.ago(Duration.ofMinutes(6))))
                        .decide()
                        .rule())
                .isEqualTo(Rule.HANDOVER_AFTER_START_TIMEOUT);
    }

    @Test
    void fullDiskBeginsTheStartTimeout() {
        var d = Views.fallenPrimary(PostgresState.CRASHED)
                .node("storage", new StorageView(Optional.of(0L), 32L << 20))
                .decide();

        assertThat(d.memory().recoveringSince()).isPresent();
    }

    @Test
    void electedReplicaThatKeepsDyingGivesTheKeyToAnother() {
        var dying = RuleExamplesTest.elected().down(PostgresState.CRASHED).peers(peer(OTHER, END));

        assertThat(names(dying.decide())).containsExactly("StartReplica");
        assertThat(dying.memory(m -> m.crashesInPlace = 3).decide().rule())
                .isEqualTo(Rule.HANDOVER_AFTER_START_TIMEOUT);
    }

    @Test
    void electedReplicaThatKeepsDyingAloneIsNotStartedInATightLoop() {
        var d = RuleExamplesTest.elected()
                .down(PostgresState.CRASHED)
                .memory(m -> {
                    m.crashesInPlace = 5;
                    m.nextAttemptAt = Optional.of(in(SECOND));
                })
                .decide();

        assertThat(d.actions()).isEmpty();
        assertThat(d.wakeUpAt()).isEqualTo(in(SECOND));
    }

    @Test
    void silenceOfAServerThatStartsAgainIsCountedAnew() {
        var d = Views.primary()
                .postgres(PostgresState.STARTING)
                .memory(m -> m.hungSince = Optional.of(Views.ago(Duration.ofMinutes(1))))
                .decide();

        assertThat(d.memory().hungSince()).isEmpty();
    }

    @Test
    void primaryThatDoesNotComeUpIsNotHandedToAMemberOnAnotherTimeline() {
        var onItsOwn = Records.with(peer(OTHER, END), "timeline", Optional.of(Views.TL1));

        assertThat(neverComesUp().peers(peer(OTHER, END)).decide().rule()).isEqualTo(Rule.HANDOVER_AFTER_START_TIMEOUT);
        assertThat(neverComesUp().peers(onItsOwn).decide().rule()).isEqualTo(Rule.WAIT_FOR_START);
    }

    @Test
    void endOfWalOnceFoundIsStillTheMeasureWhileItStartsAgain() {
        var end = plus(END, 2L << 20);
        var down = Views.fallenPrimary(PostgresState.STOPPED)
                .node("endOfWal", Optional.of(end))
                .peers(peer(OTHER, END))
                .decide();

        assertThat(down.memory().lastFlush().orElseThrow().lsn()).isEqualTo(end);
    }

    private static Views neverComesUp() {
        return Views.fallenPrimary(PostgresState.STARTING)
                .memory(m -> m.recoveringSince = Optional.of(ago(Duration.ofHours(1))));
    }
}
