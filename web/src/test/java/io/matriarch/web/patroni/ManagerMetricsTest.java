package io.matriarch.web.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.ManagerBoard.ManagerStatus;
import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.WalBoard;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManagerMetricsTest {
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");
    private final ManagerBoard board = new ManagerBoard();

    private String render() {
        return ManagerMetrics.render(board, new WalBoard(), NOW);
    }

    @Test
    void machineThatIsNoManagerAddsNothing() {
        assertThat(render()).isEmpty();
    }

    @Test
    void managerThatIsNotElectedSaysOnlyThat() {
        board.show(new ManagerStatus("m1", Optional.empty(), false, List.of(), List.of()));
        board.show(List.of(new Promise("backup", Promise.State.BROKEN, "late")));

        assertThat(render()).contains("matriarch_manager_elected 0").doesNotContain("promise");
    }

    @Test
    void brokenAndUnknownPromisesAreNotKept() {
        board.show(new ManagerStatus("m1", Optional.empty(), true, List.of(), List.of()));
        board.show(List.of(
                new Promise("backup", Promise.State.KEPT, ""),
                new Promise("sound", Promise.State.BROKEN, ""),
                new Promise("repository", Promise.State.UNKNOWN, "")));

        assertThat(render())
                .contains("matriarch_manager_elected 1\n")
                .contains("matriarch_promise_kept{promise=\"backup\"} 1\n")
                .contains("matriarch_promise_kept{promise=\"sound\"} 0\n")
                .contains("matriarch_promise_kept{promise=\"repository\"} 0\n");
    }
}
