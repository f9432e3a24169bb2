package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.THIRD;
import static io.matriarch.ha.decide.Views.peer;
import static io.matriarch.ha.decide.Views.plus;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuorumVotesTest {
    @Test
    void keyOfAQuorumPromisesNothingOfASingleStandbyAlsoAfterTheModeWasChanged() {
        var d = Views.leaderless()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(OTHER), Set.of(ME, THIRD), 1)
                .peers(PeerView.silent(OTHER), PeerView.silent(THIRD))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.ABSTAIN);
        assertThat(d.because()).contains("only 0 of the 1 needed voters");
    }

    @Test
    void standbyOfAPriorityKeyNeedsNobodysVote() {
        var d = Views.leaderless()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(OTHER), Set.of(ME, THIRD), 0)
                .peers(PeerView.silent(OTHER), PeerView.silent(THIRD))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void quorumDoesNotBindOnceTheModeIsOff() {
        var d = Views.leaderless()
                .sync(Optional.of(OTHER), Set.of(ME, THIRD), 1)
                .peers(PeerView.silent(OTHER), PeerView.silent(THIRD))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RACE);
    }

    @Test
    void brokenPrimaryHandsOverOnlyToAVoterThatEnoughOthersConfirm() {
        var alone = gaveUpInPlace().peers(peer(OTHER, END), PeerView.silent(THIRD));
        var confirmed = gaveUpInPlace().peers(peer(OTHER, END), peer(THIRD, plus(END, -8)));

        assertThat(alone.decide().rule()).isEqualTo(Rule.RESTART_IN_PLACE);
        assertThat(confirmed.decide().rule()).isEqualTo(Rule.HANDOVER_AFTER_START_TIMEOUT);
    }

    @Test
    void brokenPrimaryWithoutPromisedStandbysHandsOverToNobody() {
        var d = gaveUpInPlace()
                .config("synchronousMode", SynchronousMode.PRIORITY)
                .sync(Optional.of(ME), Set.of(), 0)
                .peers(peer(OTHER, END), peer(THIRD, END))
                .decide();

        assertThat(d.rule()).isEqualTo(Rule.RESTART_IN_PLACE);
    }

    /** Its end of WAL is unknown, so that nobody is known to be complete. */
    private static Views gaveUpInPlace() {
        return Views.fallenPrimary(PostgresState.CRASHED)
                .config("synchronousMode", SynchronousMode.QUORUM)
                .sync(Optional.of(ME), Set.of(OTHER, THIRD), 1)
                .node("endOfWal", Optional.empty())
                .memory(m -> m.recoveringSince = Optional.of(Views.ago(Duration.ofHours(1))));
    }
}
