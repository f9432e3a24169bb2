package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.RuleExamplesTest.handingOver;
import static io.matriarch.ha.decide.RuleExamplesTest.stoppedFor;
import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.TODAY;
import static io.matriarch.ha.decide.Views.names;
import static io.matriarch.ha.decide.Views.only;
import static io.matriarch.ha.decide.Views.peer;
import static io.matriarch.ha.decide.Views.plus;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.HaMemory.Handover.Phase;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SwitchoverPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void handOverBeginsWithACheckpointWhileWritesGoOn() {
        var d = Views.primary()
                .failover(Optional.of(ME), Optional.of(OTHER), Optional.empty())
                .peers(peer(OTHER, END), peer(THIRD, END))
                .decide();

        assertThat(names(d)).containsExactly("Checkpoint");
        assertThat(d.memory().handover().orElseThrow().candidate()).isEqualTo(OTHER);
    }

    @Test
    void failoverKeyWithOnlyACandidateIsCarriedOutByTheLeader() {
        var d = Views.primary()
                .failover(Optional.empty(), Optional.of(THIRD), Optional.empty())
                .peers(peer(OTHER, END), peer(THIRD, END))
                .decide();

        assertThat(d.memory().handover().orElseThrow().candidate()).isEqualTo(THIRD);
    }

    @Test
    void replicaOnAnotherTimelineIsNoCandidateHoweverFarItIs() {
        var astray = Records.with(peer(OTHER, plus(END, 8192)), "timeline", Optional.of(new Timeline(1)));
        var asked = Views.primary().failover(Optional.of(ME), Optional.of(OTHER), Optional.empty());

        assertThat(asked.peers(astray, peer(THIRD, END)).decide().rule()).isEqualTo(Rule.SWITCHOVER_REFUSE);
    }

    @Test
    void replicaThatHasNotHeardOfThePromotionYetIsBehindAndNotElsewhere() {
        var late = Records.with(peer(OTHER, plus(END, -8192)), "timeline", Optional.of(new Timeline(1)));
        var left = new HistoryEntry(new Timeline(1), plus(END, -8192), "no word", Optional.empty(), Optional.empty());
        var asked = Views.primary()
                .failover(Optional.of(ME), Optional.of(OTHER), Optional.empty())
                .cluster("history", List.of(left));

        assertThat(asked.peers(late).decide().rule()).isEqualTo(Rule.SWITCHOVER_CHECKPOINT);
    }

    @Test
    void nothingStopsWhileTheCheckpointRuns() {
        var d = handingOver(Phase.CHECKPOINT, SECOND)
                .running(JobKind.CHECKPOINT)
                .decide();

        assertThat(d.actions()).isEmpty();
    }

    @Test
    void stoppingAgentDoesNotWaitForEverForItsCheckpoint() {
        var stopping = handingOver(Phase.CHECKPOINT, Duration.ofSeconds(21)).running(JobKind.CHECKPOINT);

        assertThat(names(stopping.decide())).isEmpty();
        assertThat(names(stopping.request(LocalRequest.SHUT_DOWN).decide())).containsExactly("StopPostgres");
        assertThat(names(handingOver(Phase.CHECKPOINT, Duration.ofSeconds(19))
                        .running(JobKind.CHECKPOINT)
                        .request(LocalRequest.SHUT_DOWN)
                        .decide()))
                .isEmpty();
    }

    @Test
    void checkpointThatRunsAlreadyIsNotBegunTwice() {
        var d = Views.primary()
                .request(LocalRequest.SHUT_DOWN)
                .peers(peer(OTHER, END))
                .running(JobKind.CHECKPOINT)
                .decide();

        assertThat(d.actions()).isEmpty();
        assertThat(d.memory().handover()).isPresent();
    }

    @Test
    void candidateThatDiedDuringTheCheckpointCostsNoWrite() {
        var d = handingOver(Phase.CHECKPOINT, SECOND)
                .peers(PeerView.silent(OTHER), peer(THIRD, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.SWITCHOVER_ABORT);
        assertThat(d.actions()).isEmpty();
        assertThat(d.memory().handover()).isEmpty();
    }

    @Test
    void requestThatWasTakenBackDuringTheCheckpointIsDropped() {
        var d = handingOver(Phase.CHECKPOINT, SECOND)
                .cluster("failover", Optional.empty())
                .peers(peer(OTHER, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.SWITCHOVER_ABORT);
    }

    @Test
    void handOverOfAStoppingAgentNeedsNoRequest() {
        var d = handingOver(Phase.CHECKPOINT, SECOND)
                .cluster("failover", Optional.empty())
                .request(LocalRequest.SHUT_DOWN)
                .peers(peer(OTHER, END))
                .decide();

        assertThat(names(d)).containsExactly("StopPostgres");
    }

    @Test
    void stopThatWasLostIsAskedForAgain() {
        var d = handingOver(Phase.STOPPING, Duration.ofMinutes(1)).decide();

        assertThat(names(d)).containsExactly("StopPostgres");
    }

    @Test
    void keyGoesToTheNamedCandidateAlsoAfterALongStop() {
        var d = stoppedFor(Duration.ofSeconds(8))
                .postgres(PostgresState.STOPPED, Duration.ofMillis(100))
                .peers(peer(OTHER, END), peer(THIRD, END, "failover_priority", "9"))
                .decide();

        assertThat(only(d, Action.ReleaseLeaderKey.class).successor()).contains(OTHER);
    }

    @Test
    void keyIsNotGivenToWhoeverLacksTheLastRecord() {
        var d = stoppedFor(SECOND)
                .peers(peer(OTHER, plus(END, -1)), peer(THIRD, plus(END, -1)))
                .decide();

        assertThat(d.actions()).isEmpty();
    }

    @Test
    void anotherCompleteMemberIsTakenWhenTheNamedOneDoesNotComeAlong() {
        var d = stoppedFor(Duration.ofSeconds(3))
                .peers(peer(OTHER, plus(END, -1)), peer(THIRD, END))
                .decide();

        assertThat(only(d, Action.ReleaseLeaderKey.class).successor()).contains(THIRD);
    }

    @Test
    void oldPrimaryComesBackWhenNobodyIsComplete() {
        var d = stoppedFor(Duration.ofMinutes(1))
                .peers(peer(OTHER, plus(END, -1)))
                .decide();

        assertThat(names(d)).containsExactly("ClearFailoverRequest", "StartPrimary");
    }

    @Test
    void agentRestartedInTheMiddleStartsThePrimaryAgain() {
        var d = stoppedFor(SECOND).freshAgent().peers(peer(OTHER, END)).decide();

        assertThat(names(d)).containsExactly("StartPrimary");
    }

    @Test
    void scheduledSwitchoverAsksNobodyBeforeItsTime() {
        var tomorrow =
                Views.primary().failover(Optional.of(ME), Optional.of(OTHER), Optional.of(TODAY.plusSeconds(86_400)));

        assertThat(tomorrow.needs().askPeers()).isEmpty();
        assertThat(tomorrow.decide().rule()).isEqualTo(Rule.KEEP_LEADING);
    }

    @Test
    void scheduledSwitchoverThatWasMissedIsDropped() {
        var d = Views.primary()
                .failover(Optional.of(ME), Optional.of(OTHER), Optional.of(TODAY.minusSeconds(120)))
                .peers(peer(OTHER, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.SWITCHOVER_REFUSE);
    }
}
