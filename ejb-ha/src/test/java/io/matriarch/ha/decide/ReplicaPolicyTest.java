package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.THEIR_LEASE;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.in;
import static io.matriarch.ha.decide.Views.leaderWentOnAt;
import static io.matriarch.ha.decide.Views.names;
import static io.matriarch.ha.decide.Views.only;
import static io.matriarch.ha.decide.Views.plus;
import static io.matriarch.ha.decide.Views.upstream;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.Upstream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicaPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void streamingReplicaIsLeftAlone() {
        var d = Views.replica().decide();

        assertThat(d.rule()).isEqualTo(Rule.KEEP_FOLLOWING);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void primaryIsFencedWhileAnotherHoldsTheKey() {
        assertThat(names(Views.primary().leader(OTHER, THEIR_LEASE).decide())).containsExactly("FenceNow");
    }

    @Test
    void recoveryThatWouldEndAsAPrimaryIsEndedWhileAnotherHoldsTheKey() {
        var d = Views.primary()
                .leader(OTHER, THEIR_LEASE)
                .postgres(PostgresState.STARTING)
                .decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void promotionOnItsWayIsEndedWhileAnotherHoldsTheKey() {
        // Given a replica with an armed fence: a promotion was asked of it while the key was ours.
        var d = Views.replica().deadline(in(SECOND)).decide();

        assertThat(d.rule()).isEqualTo(Rule.DEMOTE_FOREIGN_LEADER);
    }

    @Test
    void newLeaderIsFollowedWithoutARestart() {
        var d = Views.replica().leader(THIRD, THEIR_LEASE).decide();

        assertThat(only(d, Action.Follow.class).upstream()).isEqualTo(upstream(THIRD));
    }

    @Test
    void replicaThatWaitsForWalOfALeaderThatIsGoneFollowsTheNewOne() {
        var d = Views.replica()
                .leader(THIRD, THEIR_LEASE)
                .postgres(PostgresState.STARTING)
                .decide();

        assertThat(names(d)).containsExactly("Follow");
    }

    @Test
    void replicatefromItselfMeansTheLeader() {
        assertThat(Views.replica().tags("replicatefrom", "pg1").decide().rule()).isEqualTo(Rule.KEEP_FOLLOWING);
    }

    @Test
    void replicatefromAMissingMemberMeansTheLeader() {
        assertThat(Views.replica().tags("replicatefrom", "pg9").decide().rule()).isEqualTo(Rule.KEEP_FOLLOWING);
    }

    @Test
    void cascadingReplicaUsesNoSlotBecauseAReplicaKeepsNone() {
        var d = Views.replica().tags("replicatefrom", "pg3").decide();

        assertThat(only(d, Action.Follow.class).upstream())
                .isEqualTo(new Upstream(Optional.of(THIRD), "pg3", 5432, Optional.empty()));
    }

    @Test
    void replicatefromAMemberThatIsDownMeansTheLeader() {
        var d = Views.replica()
                .tags("replicatefrom", "pg3")
                .report(THIRD, "state", MemberState.STOPPED)
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.KEEP_FOLLOWING);
    }

    @Test
    void slotsOfAnEarlierLeadershipAreDroppedOnceItStreams() {
        var d = Views.replica().node("slots", Map.of("pg3", END)).decide();

        assertThat(only(d, Action.SyncSlots.class).wanted()).isEmpty();
    }

    @Test
    void formerPrimaryWaitsForEvidenceBeforeItStarts() {
        var d = Views.formerPrimary().decide();

        assertThat(d.rule()).isEqualTo(Rule.REJOIN_WAIT);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void formerPrimaryWithoutATailOfItsOwnJustFollows() {
        var d = Views.formerPrimary().evidence(leaderWentOnAt(END, END)).decide();

        assertThat(names(d)).containsExactly("StartReplica");
    }

    @Test
    void divergedWalIsSavedBeforeAnythingIsRewound() {
        assertThat(names(RuleExamplesTest.diverged().decide())).containsExactly("SalvageWal");
    }

    @Test
    void saveThatEndedIsRememberedEvenWhenTheRewindHasToWait() {
        var d = RuleExamplesTest.diverged()
                .finished(JobKind.SALVAGE, Outcome.DONE)
                .memory(m -> m.nextAttemptAt = Optional.of(in(SECOND)))
                .decide();

        assertThat(d.memory().salvaged()).isTrue();
    }

    @Test
    void anotherLeaderThatForkedOffEarlierCallsForMoreToBeSaved() {
        assertThat(names(RuleExamplesTest.diverged().salvaged(END).decide())).containsExactly("SalvageWal");
        assertThat(names(RuleExamplesTest.diverged().salvaged(plus(END, -8192)).decide()))
                .containsExactly("Rewind");
    }

    @Test
    void rewindThatFailedTwiceGivesWayToAClone() {
        var d = RuleExamplesTest.diverged()
                .salvaged(Lsn.ZERO)
                .memory(m -> m.rejoinAttempts = 2)
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RECLONE);
    }

    @Test
    void leaderInRecoveryIsNoEvidence() {
        var d = Views.formerPrimary()
                .evidence(Records.with(leaderWentOnAt(plus(END, -8192), END), "leaderIsPrimary", false))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.REJOIN_WAIT);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void nothingIsClonedIntoADirectoryThatAServerStillUses() {
        var d = Views.replica().node("data", DataDirectory.INCOMPLETE).decide();

        assertThat(names(d)).containsExactly("StopPostgres");
    }

    @Test
    void unreadableDirectoryIsNotTouched() {
        var d = Views.replica().without(DataDirectory.UNKNOWN).decide();

        assertThat(d.rule()).isEqualTo(Rule.DATA_UNREADABLE);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void cloneWaitsForALeaderThatRunsAsPrimary() {
        var d = Views.replica()
                .without(DataDirectory.EMPTY)
                .report(OTHER, "state", MemberState.STARTING)
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.WAIT_FOR_CLONE_SOURCE);
    }

    @Test
    void failedCloneIsTriedAgainAfterAPause() {
        var failed = Views.replica()
                .without(DataDirectory.INCOMPLETE)
                .finished(JobKind.CLONE, new Outcome.Failed("connection lost"))
                .decide();

        assertThat(failed.actions()).isEmpty();
        assertThat(failed.memory().nextAttemptAt()).isPresent();
    }

    @Test
    void stopOnItsWayIsNotAskedForAgain() {
        var d = Views.replica()
                .request(LocalRequest.REINITIALIZE)
                .postgres(PostgresState.STOPPING)
                .decide();

        assertThat(d.actions()).isEmpty();
    }

    @Test
    void silentReplicaIsEndedOnlyAfterLongPatience() {
        var silent = Views.replica().postgres(PostgresState.HUNG);

        assertThat(silent.decide().actions()).isEmpty();
        assertThat(names(silent.memory(m -> m.hungSince = Optional.of(Views.ago(Duration.ofMinutes(1))))
                        .decide()))
                .containsExactly("FenceNow");
    }

    @Test
    void primaryThatRanOutsideOfTheFenceIsStoppedInAnotherWay() {
        var d = Views.primary()
                .leader(OTHER, THEIR_LEASE)
                .node("postgresGuarded", false)
                .decide();

        assertThat(names(d)).containsExactly("StopPostgres");
    }

    @Test
    void ownNameIsNoUpstream() {
        assertThat(Views.replica().cycle().upstream(ME)).isPresent();
        assertThat(ReplicaPolicy.wantedUpstream(
                        Views.replica().tags("replicatefrom", "pg1").cycle(), OTHER))
                .contains(upstream(OTHER));
    }
}
