package io.matriarch.ha.api;

import static io.matriarch.ha.api.ApiWorld.ledBy;
import static io.matriarch.ha.decide.StatusSamples.ME;
import static io.matriarch.ha.decide.StatusSamples.OTHER;
import static io.matriarch.ha.decide.StatusSamples.STARTED;
import static io.matriarch.ha.decide.StatusSamples.THIRD;
import static io.matriarch.ha.decide.StatusSamples.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.decide.StatusSamples;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.port.DcsUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class SwitchoverCommandTest {
    private static final MemberName NOBODY = new MemberName("pg9");

    private final ApiWorld world = new ApiWorld(StatusSamples.leader());

    private CommandResult run(boolean planned, String leader, String candidate, String at)
            throws DcsUnavailableException {
        return new SwitchoverCommand(world.agent, world.waiter)
                .run(new SwitchoverRequest(
                        planned,
                        Optional.of(leader).filter(s -> !s.isEmpty()).map(MemberName::new),
                        Optional.of(candidate).filter(s -> !s.isEmpty()).map(MemberName::new),
                        Optional.of(at).filter(s -> !s.isEmpty())));
    }

    private void configured(String key, Object value) {
        world.publish(with(world.cluster(), "config", with(world.cluster().config(), key, value)));
    }

    private void syncStandbys(MemberName... standbys) {
        configured("synchronousMode", SynchronousMode.PRIORITY);
        var sync = new SyncState(Optional.of(ME), Set.of(standbys), 0, new Revision(7));
        world.publish(with(world.cluster(), "sync", Optional.of(sync)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "false | ''  | ''  | ''                   | INVALID       | Failover could be performed only to a specific candidate",
                "true  | ''  | pg2 | ''                   | INVALID       | Switchover could be performed only from a specific leader",
                "false | ''  | pg2 | 2030-01-01T00:00:00Z | INVALID       | Failover can't be scheduled",
                "true  | pg1 | pg1 | ''                   | INVALID       | Switchover target and source are the same",
                "true  | pg1 | pg2 | 2030-01-01T00:00:00  | INVALID       | Timezone information is mandatory for the scheduled switchover",
                "true  | pg1 | pg2 | 2020-01-01T00:00:00Z | UNPROCESSABLE | Cannot schedule switchover in the past",
                "true  | pg2 | pg3 | ''                   | PRECONDITION  | leader name does not match",
                "true  | pg1 | pg9 | ''                   | PRECONDITION  | candidate does not exists",
                "false | ''  | pg9 | ''                   | PRECONDITION  | candidate does not exists",
            })
    void whatCannotBeMeantIsRefusedInPatronisWords(
            boolean planned, String leader, String candidate, String at, Ending ending, String message)
            throws DcsUnavailableException {
        var answer = run(planned, leader, candidate, at);

        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.ending()).isEqualTo(ending);
        assertThat(world.cluster().failover()).isEmpty();
    }

    @Test
    void aPausedClusterSwitchesOnlyNowAndToANamedCandidate() throws DcsUnavailableException {
        configured("pause", true);

        assertThat(run(true, "pg1", "", "").message())
                .isEqualTo("Switchover is possible only to a specific candidate in a paused state");
        assertThat(run(true, "pg1", "pg2", "2030-01-01T00:00:00Z").message())
                .isEqualTo("Can't schedule switchover in the paused state");
    }

    @Test
    void synchronousReplicationLetsOnlyListedStandbysTakeOver() throws DcsUnavailableException {
        syncStandbys(THIRD);
        assertThat(run(true, "pg1", "pg2", "").message()).isEqualTo("candidate name does not match with sync_standby");

        syncStandbys();
        assertThat(run(true, "pg1", "", "").message())
                .isEqualTo("switchover is not possible: can not find sync_standby");
    }

    @Test
    void somebodyMustBeAbleToTakeOver() throws DcsUnavailableException {
        world.peers.put(OTHER, PeerView.silent(OTHER));
        world.peers.put(THIRD, with(StatusSamples.peer(THIRD), "tags", new Tags(Map.of("nofailover", "true"))));
        var answer = run(true, "pg1", "", "");

        assertThat(answer.ending()).isEqualTo(Ending.PRECONDITION);
        assertThat(answer.message()).isEqualTo("switchover is not possible: no good candidates have been found");
    }

    @Test
    void aClusterOfOneHasNobody() throws DcsUnavailableException {
        world.publish(with(
                world.cluster(), "members", Map.of(ME, world.cluster().members().get(ME))));

        assertThat(run(true, "pg1", "", "").message())
                .isEqualTo("switchover is not possible: cluster does not have members except leader");
    }

    @Test
    void theAnswerComesWithTheNewLeader() throws DcsUnavailableException {
        world.reaction = view -> ledBy(view, OTHER);

        var answer = run(true, "pg1", "pg2", "");
        assertThat(answer.ending()).isEqualTo(Ending.DONE);
        assertThat(answer.message()).isEqualTo("Successfully switched over to \"pg2\"");
    }

    @Test
    void aFailoverWithALeaderIsASwitchover() throws DcsUnavailableException {
        world.reaction = view -> ledBy(view, OTHER);
        assertThat(run(false, "pg1", "pg2", "").message()).isEqualTo("Successfully switched over to \"pg2\"");

        world.reaction = view -> ledBy(view, THIRD);
        assertThat(run(false, "", "pg3", "").message()).isEqualTo("Successfully failed over to \"pg3\"");
    }

    @Test
    void anotherSuccessorThanTheNamedOneIsTold() throws DcsUnavailableException {
        world.reaction = view -> ledBy(view, THIRD);

        assertThat(run(true, "pg1", "pg2", "").message()).isEqualTo("Switched over to \"pg3\" instead of \"pg2\"");
    }

    @Test
    void aRequestThatWasTakenBackHasFailed() throws DcsUnavailableException {
        world.reaction = view -> with(view, "failover", Optional.empty());

        var answer = run(true, "pg1", "pg2", "");
        assertThat(answer.ending()).isEqualTo(Ending.UNAVAILABLE);
        assertThat(answer.message()).isEqualTo("Switchover failed");
    }

    @Test
    void aViewFromBeforeTheRequestSaysNothingAboutIt() {
        var asked = new SwitchoverRequest(true, Optional.of(ME), Optional.of(OTHER), Optional.empty());
        var before = world.cluster();
        var later = new Revision(before.revision().value() + 1);

        assertThat(SwitchoverCommand.ended(asked, before, later, world.status)).isEmpty();
        assertThat(SwitchoverCommand.ended(asked, before, before.revision(), world.status))
                .map(CommandResult::message)
                .contains("Switchover failed");
        var lost = with(
                world.status,
                "dcs",
                new DcsView.Lost(world.now(), "no endpoint answers", Optional.of(ledBy(before, OTHER))));
        assertThat(SwitchoverCommand.ended(asked, before, before.revision(), lost))
                .isEmpty();
    }

    @Test
    void aTimeIsWrittenAndNotWaitedFor() throws DcsUnavailableException {
        var at = STARTED.plus(Duration.ofHours(1));
        var answer = run(true, "pg1", "", at.toString());

        assertThat(answer.ending()).isEqualTo(Ending.ACCEPTED);
        assertThat(answer.message()).isEqualTo("Switchover scheduled");
        assertThat(world.cluster().failover().orElseThrow().scheduledAt()).contains(at);
    }

    @Test
    void onlyAScheduledSwitchoverCanBeTakenBack() throws DcsUnavailableException {
        var command = new SwitchoverCommand(world.agent, world.waiter);
        assertThat(command.cancel().ending()).isEqualTo(Ending.NOTHING_THERE);

        run(true, "pg1", "", STARTED.plus(Duration.ofHours(1)).toString());
        assertThat(command.cancel().message()).isEqualTo("scheduled switchover deleted");
        assertThat(world.cluster().failover()).isEmpty();
    }

    @Test
    void withoutTheStoreNothingIsPromised() {
        world.storeIsDown = true;

        assertThatThrownBy(() -> run(true, "pg1", "pg2", "")).isInstanceOf(DcsUnavailableException.class);
        assertThat(world.cluster().member(NOBODY)).isEmpty();
    }
}
