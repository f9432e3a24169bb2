package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.LEASE;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.NOW;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.SWITCHED;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.TODAY;
import static io.matriarch.ha.decide.Views.ago;
import static io.matriarch.ha.decide.Views.leaderWentOnAt;
import static io.matriarch.ha.decide.Views.peer;
import static io.matriarch.ha.decide.Views.plus;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ControlFacts.ControlState;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory.Handover;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One situation for each rule, in which it and no other is followed. A new rule does not compile before it has one. */
class RuleExamplesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @ParameterizedTest
    @EnumSource(Rule.class)
    void everyRuleIsFollowedInItsSituation(Rule rule) {
        var decision = example(rule).decide();

        assertThat(decision.rule()).as(decision.because()).isEqualTo(rule);
        assertThat(decision.because()).isNotBlank();
        assertThat(decision.wakeUpAt().isBefore(NOW)).isFalse();
    }

    private static Views example(Rule rule) {
        return switch (rule) {
            case KEEP_LEADING -> Views.primary();
            case KEEP_FOLLOWING -> Views.replica();
            case WAIT_FOR_JOB -> Views.formerPrimary().running(JobKind.REWIND);
            case BOOTSTRAP_CLAIM -> Views.newCluster();
            case BOOTSTRAP_CREATE -> claimed();
            case BOOTSTRAP_PUBLISH -> created();
            case BOOTSTRAP_GIVE_BACK -> claimed().finished(JobKind.INITDB, new Outcome.Failed("no space"));
            case WAIT_FOR_BOOTSTRAP -> Views.newCluster().tags("nofailover", "true");
            case CLONE_FROM_LEADER -> Views.replica().without(DataDirectory.EMPTY);
            case WAIT_FOR_CLONE_SOURCE -> Views.leaderless().without(DataDirectory.EMPTY);
            case WRONG_SYSTEM -> Views.foreigner();
            case DATA_UNREADABLE -> Views.replica().node("data", DataDirectory.UNKNOWN);
            case ADOPT_POSTGRES -> Views.replica().node("postgresGuarded", false);
            case START_AS_REPLICA -> Views.replica().down(PostgresState.STOPPED);
            case START_AS_PRIMARY -> Views.fallenPrimary(PostgresState.STOPPED);
            case RESTART_IN_PLACE -> Views.fallenPrimary(PostgresState.CRASHED);
            case CRASH_HANDOVER ->
                Views.fallenPrimary(PostgresState.CRASHED)
                        .node("endOfWal", Optional.of(END))
                        .peers(peer(OTHER, END));
            case HANDOVER_AFTER_START_TIMEOUT ->
                Views.fallenPrimary(PostgresState.CRASHED)
                        .memory(m -> m.recoveringSince = Optional.of(ago(Duration.ofMinutes(6))))
                        .peers(peer(OTHER, plus(END, -8192)));
            case WAL_DISK_FULL ->
                Views.fallenPrimary(PostgresState.CRASHED).node("storage", new StorageView(Optional.of(0L), 32L << 20));
            case WAIT_FOR_START -> Views.replica().postgres(PostgresState.STARTING);
            case HUNG_POSTGRES -> Views.primary().postgres(PostgresState.HUNG);
            case FENCE_SILENT -> Views.primary().fenceState(FenceView.State.UNREACHABLE);
            case REJOIN_AFTER_FENCE ->
                Views.replica().down(PostgresState.CRASHED).fenceState(FenceView.State.FENCED);
            case PROMOTE -> elected();
            case WAIT_FOR_PROMOTION -> elected().memory(m -> m.promotedAt = Optional.of(ago(SECOND)));
            case RETAKE_LEADERSHIP -> Views.primary().noLeader();
            case RACE -> Views.leaderless();
            case ABSTAIN -> Views.leaderless().tags("nofailover", "true");
            case WAIT_FOR_BETTER_CANDIDATE ->
                Views.leaderless()
                        .freshAgent()
                        .memory(m -> m.startedAt = Optional.of(Views.ago(Duration.ofMinutes(1))))
                        .wal(plus(END, -8192))
                        .peers();
            case WAIT_FOR_NAMED_CANDIDATE -> Views.leaderless().successor(OTHER);
            case DEMOTE_FOREIGN_LEADER -> Views.primary().leader(OTHER, Views.THEIR_LEASE);
            case LEADERSHIP_LOST -> Views.primary().lease(LEASE, SECOND.negated());
            case FOLLOW_LEADER -> Views.replica().leader(THIRD, Views.THEIR_LEASE);
            case REJOIN_WAIT -> Views.formerPrimary();
            case SALVAGE -> diverged();
            case REWIND -> diverged().salvaged(Lsn.ZERO);
            case RECLONE -> diverged().salvaged(Lsn.ZERO).config("usePgRewind", false);
            case REFUSE_REJOIN ->
                diverged().salvaged(Lsn.ZERO).config("usePgRewind", false).config("recloneOnDivergence", false);
            case SWITCHOVER_CHECKPOINT ->
                Views.primary()
                        .failover(Optional.of(ME), Optional.of(OTHER), Optional.empty())
                        .peers(peer(OTHER, END), peer(THIRD, END));
            case SWITCHOVER_STOP ->
                handingOver(Handover.Phase.CHECKPOINT, SECOND).peers(peer(OTHER, END), peer(THIRD, END));
            case SWITCHOVER_RELEASE -> stoppedFor(SECOND).peers(peer(OTHER, END), peer(THIRD, END));
            case SWITCHOVER_ABORT -> stoppedFor(Duration.ofMinutes(1)).peers(peer(OTHER, SWITCHED));
            case SWITCHOVER_REFUSE ->
                Views.primary()
                        .failover(Optional.of(ME), Optional.of(OTHER), Optional.empty())
                        .peers();
            case SWITCHOVER_WAIT ->
                Views.primary()
                        .failover(Optional.of(ME), Optional.of(OTHER), Optional.of(TODAY.plusMillis(500)))
                        .peers(peer(OTHER, END));
            case SHUTDOWN_HANDOVER ->
                Views.primary().request(LocalRequest.SHUT_DOWN).peers(peer(OTHER, END));
            case SHUTDOWN_STOP -> Views.replica().request(LocalRequest.SHUT_DOWN);
            case SHUTDOWN_EXIT -> Views.replica().down(PostgresState.STOPPED).request(LocalRequest.SHUT_DOWN);
            case FAILSAFE_HOLD -> Views.primary().dcsLost().node("failsafe", confirmedBy(Set.of(OTHER, THIRD)));
            case DCS_LOST_WAIT -> Views.primary().dcsLost().node("failsafe", confirmedBy(Set.of(OTHER)));
            case DCS_LOST_DEMOTE -> Views.primary().dcsLost().deadline(ago(SECOND));
            case DCS_LOST_REPLICA -> Views.replica().dcsLost();
            case PAUSED -> Views.primary().config("pause", true);
            case RESTART_REQUESTED -> Views.replica().request(LocalRequest.RESTART);
            case REINITIALIZE_REQUESTED -> Views.replica().request(LocalRequest.REINITIALIZE);
            case SYNC_REPLICATION -> Views.primary().config("synchronousMode", SynchronousMode.PRIORITY);
            case APPLY_SETTINGS -> Views.replica().node("settingsChanged", true);
            case UNKNOWN_STATE -> Views.replica().postgres(PostgresState.UNKNOWN);
        };
    }

    static Views claimed() {
        return Views.newCluster()
                .cluster(
                        "initialize",
                        Optional.of(new InitializeKey(Optional.empty(), Optional.of(LEASE), new Revision(3))));
    }

    static Views created() {
        return claimed()
                .node("data", DataDirectory.PRESENT)
                .node("role", PostgresRole.PRIMARY)
                .control(ControlState.SHUT_DOWN);
    }

    /** We have just won the leader key as a replica. */
    static Views elected() {
        return Views.replica().leader(ME, LEASE);
    }

    static Views diverged() {
        return Views.formerPrimary().evidence(leaderWentOnAt(plus(END, -8192), END));
    }

    static Views handingOver(Handover.Phase phase, Duration since) {
        return Views.primary()
                .failover(Optional.of(ME), Optional.of(OTHER), Optional.empty())
                .memory(m -> m.handover = Optional.of(new Handover(OTHER, ago(since), phase)));
    }

    static Views stoppedFor(Duration since) {
        return handingOver(Handover.Phase.STOPPING, since)
                .postgres(PostgresState.STOPPED, since)
                .control(ControlState.SHUT_DOWN)
                .node("wal", Optional.empty())
                .node("endOfWal", Optional.of(END))
                .fenceState(FenceView.State.IDLE);
    }

    static FailsafeView confirmedBy(Set<io.matriarch.ha.model.MemberName> names) {
        return new FailsafeView(
                Optional.of(ago(Duration.ofMillis(100))), names, Set.of(), Optional.empty(), Optional.empty());
    }
}
