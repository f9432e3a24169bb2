package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.RuleExamplesTest.confirmedBy;
import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.ago;
import static io.matriarch.ha.decide.Views.in;
import static io.matriarch.ha.decide.Views.names;
import static io.matriarch.ha.decide.Views.only;
import static io.matriarch.ha.decide.Views.sender;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.UnfencedPrimary;
import io.matriarch.ha.model.WalSenderFacts;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pauses, outages of the DCS, stops of the agent, beginnings, and synchronous mode. */
class OutsideTheNormalTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void pauseTakesTheDeadlineAwayAfterEverybodyWasTold() {
        var d = Views.primary().config("pause", true).decide();

        assertThat(names(d)).containsExactly("MarkUnfenced", "DisarmFence");
        assertThat(only(d, Action.MarkUnfenced.class).unfenced()).isTrue();
    }

    @Test
    void nobodyIsToldTwice() {
        var paused = Views.primary().config("pause", true).cluster("unfenced", unfenced(ME));

        assertThat(names(paused.decide())).containsExactly("DisarmFence");
    }

    @Test
    void fenceStaysArmedWhileAnotherNameStandsThere() {
        var paused = Views.primary().config("pause", true).cluster("unfenced", unfenced(OTHER));

        assertThat(names(paused.decide())).isEmpty();
    }

    @Test
    void guardedPrimaryTakesTheWarningBack() {
        var d = Views.primary().cluster("unfenced", unfenced(ME)).decide();

        assertThat(only(d, Action.MarkUnfenced.class)).isEqualTo(new Action.MarkUnfenced(false, new Revision(60)));
    }

    @Test
    void primaryThatIsNotGuardedYetKeepsTheWarning() {
        assertThat(names(Views.primary()
                        .noDeadline()
                        .cluster("unfenced", unfenced(ME))
                        .decide()))
                .containsExactly("GuardPrimary");
    }

    @Test
    void pausedPrimaryWhoseAgentStopsWithoutTheDcsStaysBoundedUnlessAllKnow() {
        var leaving = Views.primary().config("pause", true).dcsLost().request(LocalRequest.SHUT_DOWN);

        assertThat(names(leaving.decide())).containsExactly("Exit");
        assertThat(names(leaving.cluster("unfenced", unfenced(ME)).decide())).containsExactly("DisarmFence", "Exit");
    }

    @Test
    void replicaWhoseAgentStopsInAPauseWarnsNobody() {
        var d = Views.replica()
                .config("pause", true)
                .request(LocalRequest.SHUT_DOWN)
                .decide();

        assertThat(names(d)).doesNotContain("MarkUnfenced");
    }

    @Test
    void nobodyRacesWhileAnotherMemberMayBeAPrimaryThatNothingFences() {
        var d = Views.leaderless().cluster("unfenced", unfenced(OTHER)).decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
        assertThat(d.because()).contains("nothing has fenced pg2");
    }

    @Test
    void nobodyIsNamedInSpiteOfIt() {
        var named = Views.leaderless().cluster("unfenced", unfenced(OTHER)).successor(ME);

        assertThat(names(named.decide())).isEmpty();
        assertThat(names(named.config("pause", true).noDeadline().decide())).isEmpty();
    }

    @Test
    void replicaThatIsBeingPromotedKeepsTheWarning() {
        var d = Views.replica()
                .leader(ME, Views.LEASE)
                .config("pause", true)
                .noDeadline()
                .cluster("unfenced", unfenced(ME))
                .memory(m -> m.promotedAt = Optional.of(Views.NOW))
                .decide();

        assertThat(names(d)).doesNotContain("MarkUnfenced");
    }

    @Test
    void requestThatAllowsAPromotionInAPauseOutlastsTheElection() {
        var named = Views.leaderless()
                .config("pause", true)
                .noDeadline()
                .failover(Optional.empty(), Optional.of(ME), Optional.empty());

        assertThat(only(named.decide(), Action.AcquireLeaderKey.class).settles())
                .isEmpty();
        assertThat(names(named.leader(ME, Views.LEASE).decide())).contains("Promote");
    }

    @Test
    void candidateOfASwitchoverThatNeverBeganIsComparedAlsoWhilePaused() {
        var named = Views.leaderless()
                .config("pause", true)
                .noDeadline()
                .failover(Optional.of(OTHER), Optional.of(ME), Optional.empty());

        assertThat(named.peers(Views.peer(THIRD, Views.plus(END, 8))).decide().rule())
                .isEqualTo(Rule.ABSTAIN);
        assertThat(named.peers(Views.peer(THIRD, END)).decide().rule()).isEqualTo(Rule.RACE);
    }

    private static Optional<UnfencedPrimary> unfenced(MemberName name) {
        return Optional.of(new UnfencedPrimary(name, new Revision(60)));
    }

    @Test
    void endOfAPauseGuardsThePrimaryAgain() {
        assertThat(names(Views.primary().noDeadline().decide())).containsExactly("GuardPrimary");
    }

    @Test
    void restartIsCarriedOutWhilePaused() {
        var paused = Views.primary()
                .cluster("unfenced", unfenced(ME))
                .noDeadline()
                .config("pause", true)
                .request(LocalRequest.RESTART);

        assertThat(names(paused.decide())).containsExactly("StopPostgres");
    }

    @Test
    void restartWhilePausedStartsWhatItStopped() {
        var stopped = Views.fallenPrimary(PostgresState.STOPPED)
                .node("fence", Views.fence(io.matriarch.ha.model.FenceView.State.IDLE, Optional.empty()))
                .config("pause", true)
                .request(LocalRequest.RESTART);

        assertThat(names(stopped.decide())).containsExactly("StartPrimary");
    }

    @Test
    void reinitializeOfAPausedLeaderIsRefused() {
        var d = Views.primary()
                .cluster("unfenced", unfenced(ME))
                .noDeadline()
                .config("pause", true)
                .request(LocalRequest.REINITIALIZE)
                .decide();

        assertThat(names(d)).containsExactly("DropLocalRequest");
    }

    @Test
    void nothingIsStartedBesideARunningRewindWhilePaused() {
        var d = Views.replica()
                .down(PostgresState.STOPPED)
                .config("pause", true)
                .request(LocalRequest.RESTART)
                .running(JobKind.REWIND)
                .decide();

        assertThat(d.actions()).isEmpty();
    }

    @Test
    void everyMembersWordMovesTheDeadlineByWhatTheyPromise() {
        var d = Views.primary()
                .dcsLost()
                .node("failsafe", confirmedBy(Set.of(OTHER, THIRD)))
                .decide();

        // Asked 100 ms ago, ttl 5 s, margin 1 s.
        assertThat(only(d, Action.ExtendFence.class).until()).isEqualTo(in(Duration.ofMillis(3900)));
    }

    @Test
    void memberThatIsAloneNeedsNobodysWord() {
        var alone = Views.primary()
                .withoutMember(OTHER)
                .withoutMember(THIRD)
                .cluster("failsafe", Map.of(ME, Views.url(ME)))
                .dcsLost();

        assertThat(alone.needs().confirmFailsafe()).isEmpty();
        assertThat(only(alone.decide(), Action.ExtendFence.class).until()).isEqualTo(in(Duration.ofSeconds(4)));
        assertThat(names(alone.cluster("failsafe", Map.of()).decide())).isEmpty();
    }

    @Test
    void memberThatMayJustHaveComeIntoTheMapMustConfirmToo() {
        var joined = Views.primary()
                .withoutMember(THIRD)
                .cluster("failsafe", Map.of(ME, Views.url(ME)))
                .dcsLost();

        assertThat(joined.needs().confirmFailsafe()).containsOnlyKeys(OTHER);
        assertThat(joined.decide().rule()).isEqualTo(Rule.DCS_LOST_WAIT);
    }

    @Test
    void oneMissingWordIsNoConfirmation() {
        var d = Views.primary()
                .dcsLost()
                .node("failsafe", confirmedBy(Set.of(OTHER)))
                .decide();

        assertThat(d.actions()).isEmpty();
        assertThat(d.rejected()).hasSize(1);
    }

    @Test
    void handOverIsOverOnceThePrimaryIsBackWithoutTheDcs() {
        var d = Views.fallenPrimary(PostgresState.STOPPED)
                .dcsLost()
                .node("failsafe", confirmedBy(Set.of(OTHER, THIRD)))
                .memory(m -> m.handover =
                        Optional.of(new HaMemory.Handover(OTHER, Views.NOW, HaMemory.Handover.Phase.STOPPING)))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RESTART_IN_PLACE);
        assertThat(d.memory().handover()).isEmpty();
    }

    @Test
    void primaryWithoutADeadlineGetsWhatItsLeaseCoversWhenTheDcsIsLost() {
        var d = Views.primary().dcsLost().noDeadline().decide();

        assertThat(only(d, Action.ExtendFence.class).until()).isEqualTo(in(Duration.ofSeconds(4)));
    }

    @Test
    void primaryOutsideOfTheFenceIsStoppedWhenTheDcsIsLost() {
        var d = Views.primary().dcsLost().node("postgresGuarded", false).decide();

        assertThat(names(d)).containsExactly("StopPostgres");
    }

    @Test
    void agentThatNeverSawTheDcsStopsPostgresBeforeItGoes() {
        var asked = Views.replica().dcsNeverSeen().request(LocalRequest.SHUT_DOWN);

        assertThat(names(asked.decide())).containsExactly("StopPostgres");
        assertThat(names(asked.down(PostgresState.STOPPED).decide())).containsExactly("Exit");
    }

    @Test
    void leaderKeyIsGivenBackBeforeTheAgentGoes() {
        var d = Views.fallenPrimary(PostgresState.STOPPED)
                .node("endOfWal", Optional.of(END))
                .request(LocalRequest.SHUT_DOWN)
                .decide();

        assertThat(names(d)).containsExactly("ReleaseLeaderKey", "Exit");
    }

    @Test
    void stopOfAForeignServerIsAskedForOnce() {
        var foreign = Views.foreigner();

        assertThat(names(foreign.decide())).containsExactly("StopPostgres");
        assertThat(names(foreign.postgres(PostgresState.STOPPING).decide())).isEmpty();
    }

    @Test
    void nofailoverMemberFoundsTheClusterFromItsPrimaryData() {
        var d = Views.newCluster()
                .node("data", DataDirectory.PRESENT)
                .node("role", PostgresRole.PRIMARY)
                .control(ControlState.SHUT_DOWN)
                .tags("nofailover", "true")
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.BOOTSTRAP_PUBLISH);
    }

    @Test
    void replicaDataFoundNoCluster() {
        var d = Views.newCluster()
                .node("data", DataDirectory.PRESENT)
                .node("role", PostgresRole.REPLICA)
                .node("standbySignal", true)
                .control(ControlState.SHUT_DOWN_IN_RECOVERY)
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.WAIT_FOR_BOOTSTRAP);
    }

    @Test
    void claimOfAnotherIsRespected() {
        var d = Views.newCluster()
                .cluster(
                        "initialize",
                        Optional.of(
                                new InitializeKey(Optional.empty(), Optional.of(Views.THEIR_LEASE), new Revision(3))))
                .decide();

        assertThat(d.actions()).isEmpty();
    }

    @Test
    void standbyIsPromisedOnlyAfterItConfirmedWhatCameBefore() {
        var inForce = Views.primary()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(ME), Set.of(), 0)
                .senders(sender(OTHER, "sync", END))
                .node("appliedStandbyNames", "FIRST 1 (\"pg2\")");

        assertThat(names(inForce.decide())).doesNotContain("WriteSyncState");
        var promised = inForce.memory(m -> {
                    m.syncAppliedAt = Optional.of(ago(Duration.ofSeconds(5)));
                    m.syncBarrier = Optional.of(END);
                })
                .decide();
        assertThat(only(promised, Action.WriteSyncState.class)
                        .state()
                        .orElseThrow()
                        .standbys())
                .containsExactly(OTHER);
    }

    @Test
    void standbyLeavesTheSyncKeyBeforeItLeavesTheSetting() {
        var d = Views.primary()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(ME), Set.of(OTHER), 0)
                .senders(sender(THIRD, "async", END))
                .node("appliedStandbyNames", "FIRST 1 (\"pg2\")")
                .decide();

        assertThat(names(d)).contains("WriteSyncState").doesNotContain("SetSynchronousStandbyNames");
    }

    @Test
    void promisesOfAQuorumAreTakenBackBeforePriorityModeMakesItsOwn() {
        var d = Views.primary()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(ME), Set.of(OTHER, THIRD), 1)
                .node("appliedStandbyNames", "ANY 1 (\"pg2\",\"pg3\")")
                .senders(sender(OTHER, "quorum", END), sender(THIRD, "quorum", END))
                .decide();

        assertThat(only(d, Action.WriteSyncState.class).state().orElseThrow().standbys())
                .isEmpty();
    }

    @Test
    void serverOutsideOfTheFenceIsNotPromotedWhilePaused() {
        var d = Views.leaderless()
                .config("pause", true)
                .failover(Optional.empty(), Optional.of(ME), Optional.empty())
                .node("postgresGuarded", false)
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.PAUSED);
        assertThat(d.actions()).isEmpty();
    }

    @Test
    void walReceiverWithoutAnApplicationNameDoesNotBreakTheLeader() {
        var nameless = new WalSenderFacts(
                "", "replicator", Optional.empty(), "streaming", "sync", 1, Optional.of(END), Optional.of(END));
        var d = Views.primary()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(ME), Set.of(), 0)
                .senders(nameless)
                .memory(m -> m.syncBarrier = Optional.of(END))
                .decide();

        assertThat(d.rule()).isIn(Rule.KEEP_LEADING, Rule.SYNC_REPLICATION);
    }

    @Test
    void silentFenceOfAPrimaryWhoseLeaseIsOverIsKilledAtOnce() {
        var d = Views.primary()
                .fenceState(FenceView.State.UNREACHABLE)
                .lease(Views.LEASE, Duration.ofMillis(-1))
                .memory(m -> m.fenceSilentSince = Optional.of(ago(Duration.ofMillis(1))))
                .decide();

        assertThat(names(d)).containsExactly("FenceNow");
    }

    @Test
    void silentFenceIsGivenASecondBeforeItIsKilled() {
        var silent = Views.primary().fenceState(io.matriarch.ha.model.FenceView.State.UNREACHABLE);

        assertThat(silent.decide().actions()).isEmpty();
        assertThat(names(silent.memory(m -> m.fenceSilentSince = Optional.of(ago(SECOND)))
                        .decide()))
                .containsExactly("FenceNow");
    }
}
