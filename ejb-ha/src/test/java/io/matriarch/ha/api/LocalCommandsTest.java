package io.matriarch.ha.api;

import static io.matriarch.ha.api.ApiWorld.ledBy;
import static io.matriarch.ha.decide.StatusSamples.ME;
import static io.matriarch.ha.decide.StatusSamples.OTHER;
import static io.matriarch.ha.decide.StatusSamples.STARTED;
import static io.matriarch.ha.decide.StatusSamples.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.decide.StatusSamples;
import io.matriarch.ha.loop.InboxStates;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.NodeStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LocalCommandsTest {
    private static final RestartRequest NOW =
            new RestartRequest(Optional.empty(), Optional.empty(), false, Optional.empty());

    private final ApiWorld replica = new ApiWorld(StatusSamples.replica());
    private final ApiWorld leader = new ApiWorld(StatusSamples.leader());

    private static LocalCommands commands(ApiWorld world) {
        return new LocalCommands(world.agent, world.waiter);
    }

    private static NodeStatus busy(NodeStatus status, JobKind kind) {
        var job = new JobView(kind, StatusSamples.cluster(status).readAt(), Optional.empty(), 0, Optional.empty());
        return with(status, "node", with(status.node(), "job", Optional.of(job)));
    }

    /** The loop restarts PostgreSQL as soon as it is asked to. */
    private static void restarts(ApiWorld world, NodeStatus after) {
        Thread.ofPlatform().daemon().start(() -> {
            while (world.inbox.request() != LocalRequest.RESTART) {
                Thread.onSpinWait();
            }
            world.board.publish(after);
        });
    }

    @Test
    void aRestartIsDoneWhenPostgresqlRunsAnew() {
        restarts(replica, with(replica.status, "postgresStartedAt", Optional.of(STARTED.plusSeconds(1))));

        var answer = commands(replica).restart(NOW, replica.status);
        assertThat(answer.ending()).isEqualTo(Ending.DONE);
        assertThat(answer.message()).isEqualTo("restarted successfully");
        assertThat(replica.inbox.request()).isEqualTo(LocalRequest.RESTART);
    }

    @Test
    void aLeaderThatLosesItsKeyMeanwhileHasNotRestarted() {
        var gone =
                with(leader.status, "dcs", new io.matriarch.ha.model.DcsView.Reachable(ledBy(leader.cluster(), OTHER)));
        restarts(leader, gone);

        assertThat(commands(leader).restart(NOW, leader.status).message())
                .isEqualTo("restart failed: another member took over");
    }

    @ParameterizedTest
    @CsvSource({"primary, , false", ", 150000, false", ", , true"})
    void aRestartWhoseConditionsDoNotHoldTouchesNothing(String role, Integer olderThan, boolean pending) {
        var asked = new RestartRequest(
                Optional.ofNullable(role), Optional.ofNullable(olderThan), pending, Optional.empty());

        assertThat(commands(replica).restart(asked, replica.status).message())
                .isEqualTo("restart conditions are not satisfied");
        assertThat(replica.inbox.request()).isEqualTo(LocalRequest.NONE);
    }

    @Test
    void conditionsThatHoldLetItThrough() {
        var status = with(replica.status, "pendingRestart", Map.of("max_connections", "{}"));
        restarts(replica, with(status, "postgresStartedAt", Optional.of(STARTED.plusSeconds(1))));
        var asked = new RestartRequest(Optional.of("replica"), Optional.of(150_019), true, Optional.empty());

        assertThat(commands(replica).restart(asked, status).ending()).isEqualTo(Ending.DONE);
    }

    @Test
    void nothingIsBegunWhileSomethingElseRuns() {
        var copying = busy(replica.status, JobKind.CLONE);

        assertThat(commands(replica).restart(NOW, copying).message()).isEqualTo("clone already in progress");
        assertThat(commands(replica).reinitialize(copying).message()).isEqualTo("clone already in progress");

        assertThat(replica.inbox.ask(LocalRequest.REINITIALIZE)).isTrue();
        assertThat(commands(replica).restart(NOW, replica.status).message())
                .isEqualTo("reinitialize already in progress");
    }

    @Test
    void aMemberIsClonedAnewOnlyFromAnotherLeader() {
        assertThat(commands(replica).reinitialize(replica.status).message()).isEqualTo("reinitialize started");
        assertThat(replica.inbox.request()).isEqualTo(LocalRequest.REINITIALIZE);

        assertThat(commands(leader).reinitialize(leader.status).message())
                .isEqualTo("I am the leader, can not reinitialize");
        replica.publish(with(replica.cluster(), "leader", Optional.empty()));
        assertThat(commands(replica).reinitialize(replica.status).message())
                .isEqualTo("Cluster has no leader, can not reinitialize");
    }

    @Test
    void aCheckpointHoldsNobodyUp() {
        assertThat(commands(replica)
                        .reinitialize(busy(replica.status, JobKind.CHECKPOINT))
                        .isDone())
                .isTrue();
    }

    @Test
    void failsafeIsPromisedByAReplicaThatHasLooked() {
        var on = with(replica.cluster(), "config", with(replica.cluster().config(), "failsafeMode", true));
        replica.publish(on);
        var early = commands(replica).failsafe(OTHER, Optional.empty(), replica.status);
        InboxStates.looked(replica.inbox, false, replica.cluster());
        var accepted = commands(replica).failsafe(OTHER, Optional.empty(), replica.status);

        assertThat(early.ending()).isEqualTo(Ending.REFUSED);
        assertThat(accepted.message()).isEqualTo("Accepted");
    }

    @Test
    void failsafeIsRefusedByALeaderAndUnknownWhereItIsOff() {
        var on = with(leader.cluster(), "config", with(leader.cluster().config(), "failsafeMode", true));
        leader.publish(on);
        InboxStates.looked(leader.inbox, true, leader.cluster());
        assertThat(commands(leader)
                        .failsafe(OTHER, Optional.empty(), leader.status)
                        .message())
                .isEqualTo("Running as a leader");

        replica.publish(with(replica.cluster(), "config", with(replica.cluster().config(), "failsafeMode", false)));
        InboxStates.looked(replica.inbox, false, replica.cluster());
        assertThat(commands(replica)
                        .failsafe(ME, Optional.empty(), replica.status)
                        .ending())
                .isEqualTo(Ending.NOT_PROVIDED);
    }

    @Test
    void aStartThatTakesTooLongIsToldSo() {
        var asked = new RestartRequest(Optional.empty(), Optional.empty(), false, Optional.of(Duration.ZERO));
        Thread.currentThread().interrupt();

        assertThat(commands(replica).restart(asked, replica.status).message()).isEqualTo("postgres is still starting");
        assertThat(Thread.interrupted()).isTrue();
    }
}
