package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.TODAY;
import static io.matriarch.ha.decide.Views.ago;
import static io.matriarch.ha.decide.Views.in;
import static io.matriarch.ha.decide.Views.names;
import static io.matriarch.ha.decide.Views.only;
import static io.matriarch.ha.decide.Views.peer;
import static io.matriarch.ha.decide.Views.plus;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ElectionPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void replicaThatNobodyExceedsTriesForTheKey() {
        assertThat(names(Views.leaderless().decide())).containsExactly("AcquireLeaderKey");
    }

    @Test
    void replicaLeavesTheKeyToOneThatHoldsMore() {
        var d = Views.leaderless()
                .peers(peer(OTHER, plus(END, 8)), peer(THIRD, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void laterTimelineCountsMoreThanMoreBytes() {
        var ahead = Records.with(peer(OTHER, plus(END, -8192)), "timeline", Optional.of(new Timeline(3)));

        assertThat(Views.leaderless().peers(ahead).decide().rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void replicaBeyondMaximumLagDoesNotRace() {
        var d = Views.leaderless().wal(plus(END, -(2L << 20))).peers().decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void higherPriorityWinsAtEqualWal() {
        assertThat(Views.leaderless()
                        .peers(peer(OTHER, END, "failover_priority", "5"))
                        .decide()
                        .rule())
                .isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void priorityNeverOutweighsWal() {
        var d = Views.leaderless()
                .peers(peer(OTHER, plus(END, -8), "failover_priority", "5"))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void primaryThatStillRunsForbidsTheRace() {
        var d = Views.leaderless()
                .peers(Records.with(peer(OTHER, END), "role", PostgresRole.PRIMARY))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void leaderThatAnnouncedItselfWithoutTheDcsIsNotReplaced() {
        var d = Views.leaderless()
                .node(
                        "failsafe",
                        new FailsafeView(
                                Optional.empty(), Set.of(), Set.of(), Optional.of(OTHER), Optional.of(ago(SECOND))))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void memberOutsideOfTheFailsafeMapDoesNotRace() {
        var d = Views.leaderless()
                .cluster("failsafe", java.util.Map.of(OTHER, "u", THIRD, "u"))
                .peers(PeerView.silent(OTHER), peer(THIRD, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void oldFailsafeMapBindsNobodyOnceAllThatItNamesAreSeenToFollow() {
        var d = Views.leaderless()
                .cluster("failsafe", java.util.Map.of(OTHER, "u", THIRD, "u"))
                .peers(peer(OTHER, plus(END, -8)), peer(THIRD, plus(END, -8)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void agentThatHasJustStartedWaitsForWhatItsPredecessorPromised() {
        assertThat(Views.leaderless().freshAgent().decide().rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void predecessorsPromiseCountsAlsoWhenFailsafeModeWasSwitchedOffSince() {
        assertThat(Views.leaderless()
                        .config("failsafeMode", false)
                        .freshAgent()
                        .decide()
                        .rule())
                .isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void nobodyButASynchronousStandbyRacesInPriorityMode() {
        var synchronous = Views.leaderless().config("synchronousMode", SynchronousMode.PRIORITY);

        assertThat(synchronous
                        .sync(Optional.of(OTHER), Set.of(THIRD), 0)
                        .decide()
                        .rule())
                .isEqualTo(Rule.ABSTAIN);
        assertThat(synchronous.sync(Optional.of(OTHER), Set.of(ME), 0).decide().rule())
                .isEqualTo(Rule.RACE);
    }

    @Test
    void quorumModeNeedsEnoughVotersThatHoldNoMore() {
        var quorum = Views.leaderless()
                .config("synchronousMode", SynchronousMode.QUORUM)
                .sync(Optional.of(OTHER), Set.of(ME, THIRD), 1);

        assertThat(quorum.decide().rule()).isEqualTo(Rule.RACE);
        assertThat(quorum.peers(PeerView.silent(THIRD)).decide().rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void switchoverPlannedForTomorrowDoesNotChooseTodaysLeader() {
        var d = Views.leaderless()
                .failover(Optional.of(OTHER), Optional.of(THIRD), Optional.of(TODAY.plusSeconds(86_400)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void leaderWhoseSwitchoverIsPlannedForTomorrowRacesLikeEverybody() {
        var d = Views.leaderless()
                .failover(Optional.of(ME), Optional.empty(), Optional.of(TODAY.plusSeconds(86_400)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void namedCandidateThatHoldsLessIsNotWaitedFor() {
        var d = Views.leaderless()
                .failover(Optional.of(OTHER), Optional.of(THIRD), Optional.empty())
                .peers(peer(THIRD, plus(END, -8192)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void candidateOfASwitchoverThatNeverBeganHoldsBackWhenAnotherHoldsMore() {
        var d = Views.leaderless()
                .failover(Optional.of(OTHER), Optional.of(ME), Optional.empty())
                .peers(peer(THIRD, plus(END, 8)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
    }

    @Test
    void successorThatTheOldLeaderNamedTakesTheKey() {
        var d = Views.leaderless()
                .successor(ME)
                .peers(peer(OTHER, END, "failover_priority", "9"))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void candidateOfAFailoverThatNeverBeganHoldsBackWhenAnotherHoldsMore() {
        var named = Views.leaderless().failover(Optional.empty(), Optional.of(ME), Optional.empty());

        assertThat(named.peers(peer(THIRD, plus(END, 8))).decide().rule()).isEqualTo(Rule.ABSTAIN);
        assertThat(named.peers(peer(THIRD, END, "failover_priority", "9"))
                        .decide()
                        .rule())
                .isEqualTo(Rule.RACE);
    }

    @Test
    void candidateOfAFailoverThatNeverBeganIsWaitedForOnlyIfItHoldsAsMuch() {
        var named = Views.leaderless().failover(Optional.empty(), Optional.of(THIRD), Optional.empty());

        assertThat(named.peers(peer(THIRD, END)).decide().rule()).isEqualTo(Rule.WAIT_FOR_NAMED_CANDIDATE);
        assertThat(named.peers(peer(THIRD, plus(END, -8192))).decide().rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void nobodyRacesWhileWalOfTheOldLeaderStillArrives() {
        var streaming = Views.leaderless()
                .peers(PeerView.silent(OTHER), peer(THIRD, END))
                .memory(m -> m.lastLeader = Optional.of(OTHER))
                .streamsFrom(OTHER);
        var arrived = new HaMemory.Arrival(END, ago(Duration.ofMillis(50)));
        var quiet = new HaMemory.Arrival(END, ago(LivingPrimary.QUIET));

        assertThat(streaming
                        .memory(m -> m.lastArrival = Optional.of(arrived))
                        .decide()
                        .rule())
                .isEqualTo(Rule.ABSTAIN);
        assertThat(streaming
                        .memory(m -> m.lastArrival = Optional.of(quiet))
                        .decide()
                        .rule())
                .isEqualTo(Rule.RACE);
        assertThat(streaming
                        .node("configuredUpstream", Optional.empty())
                        .memory(m -> m.lastArrival = Optional.of(arrived))
                        .decide()
                        .rule())
                .isEqualTo(Rule.RACE);
    }

    @Test
    void primaryThatLostItsKeyTakesItBack() {
        assertThat(names(Views.primary().noLeader().decide())).containsExactly("AcquireLeaderKey");
    }

    @Test
    void primaryOutOfAPauseGetsItsDeadlineBeforeItAsksForTheKey() {
        var d = Views.primary().noLeader().noDeadline().decide();

        assertThat(names(d)).containsExactly("ExtendFence", "AcquireLeaderKey");
        assertThat(only(d, Action.ExtendFence.class).until()).isEqualTo(in(Duration.ofSeconds(4)));
    }

    @Test
    void primaryThatNeitherALeaseNorADeadlineBoundsIsStopped() {
        var d = Views.primary().noLeader().noDeadline().noLease().decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void primaryThatTheClusterHasLeftBehindIsFenced() {
        var d = Views.primary()
                .noLeader()
                .node(
                        "wal",
                        Optional.of(Records.with(
                                Views.position(END, io.matriarch.ha.model.ReplicationState.NONE),
                                "timeline",
                                Views.TL1)))
                .decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void recoveryThatWillEndAsAPrimaryAsksForTheKeyToo() {
        var d = Views.primary().noLeader().postgres(PostgresState.STARTING).decide();

        assertThat(names(d)).containsExactly("AcquireLeaderKey");
    }

    @Test
    void primaryWithoutItsDataIsStopped() {
        var d = Views.primary().noLeader().node("data", DataDirectory.EMPTY).decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void fallenPrimaryStartsAsAReplicaAndStaysUnjudged() {
        var d = Views.fallenPrimary(PostgresState.CRASHED).noLeader().decide();

        assertThat(names(d)).containsExactly("StartReplica");
        assertThat(d.memory().unjudged()).isTrue();
    }

    @Test
    void silentReplicaDoesNotStaySilentForEver() {
        var d = Views.leaderless()
                .postgres(PostgresState.HUNG)
                .memory(m -> m.hungSince = Optional.of(ago(Duration.ofMinutes(1))))
                .decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }
}
