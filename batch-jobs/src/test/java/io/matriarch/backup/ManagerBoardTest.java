package io.matriarch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.Promise.State;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ManagerBoardTest {
    private static final Promise KEPT = new Promise("backup", State.KEPT, "fine");

    private final AtomicLong nanos = new AtomicLong(-5);
    private final ManagerBoard board = new ManagerBoard(nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void oneThatIsNotElectedPromisesNothing() {
        pass(Duration.ofDays(1));
        assertThat(board.promises()).isEmpty();
    }

    @Test
    void promisesThatNobodyJudgedForLongAreUnknown() {
        board.show(List.of(KEPT));
        pass(Duration.ofMinutes(5));
        assertThat(board.promises()).containsExactly(KEPT);

        pass(Duration.ofSeconds(1));
        assertThat(board.promises()).singleElement().satisfies(p -> {
            assertThat(p.state()).isEqualTo(State.UNKNOWN);
            assertThat(p.sentence()).contains("5 minutes", "start this manager again");
        });

        board.show(List.of(KEPT));
        assertThat(board.promises()).containsExactly(KEPT);
    }

    @Test
    void oneThatHangsInItsFirstJudgementSaysSo() {
        board.judging();
        assertThat(board.promises()).isEmpty();
        pass(Duration.ofMinutes(4));
        // A further turn of the loop is no judgement.
        board.judging();
        pass(Duration.ofMinutes(2));
        assertThat(board.promises())
                .singleElement()
                .satisfies(p -> assertThat(p.state()).isEqualTo(State.UNKNOWN));
    }

    @Test
    void oneThatWasVotedOutIsSilent() {
        board.show(List.of(KEPT));
        board.showNone();
        pass(Duration.ofHours(1));
        assertThat(board.promises()).isEmpty();
    }
}
