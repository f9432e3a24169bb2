package io.matriarch.backup.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryPolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final HistoryPolicy TWO = new HistoryPolicy(2, Duration.ofDays(90), Duration.ofDays(365));

    @Test
    void newestOfEachJobStayHoweverOldTheyAre() {
        var history = List.of(
                old(1, "base-backup", "COMPLETED", 900),
                old(2, "base-backup", "COMPLETED", 800),
                old(3, "verify-backup", "COMPLETED", 900),
                old(4, "base-backup", "COMPLETED", 700));

        assertThat(TWO.mayGo(history, NOW)).containsExactly(1L);
    }

    @Test
    void youngStaysBeyondTheNumber() {
        var history = List.of(
                old(1, "base-backup", "COMPLETED", 91),
                old(2, "base-backup", "COMPLETED", 89),
                old(3, "base-backup", "COMPLETED", 2),
                old(4, "base-backup", "COMPLETED", 1));

        assertThat(TWO.mayGo(history, NOW)).containsExactly(1L);
    }

    @Test
    void whatDidNotCompleteStaysForAYear() {
        var history = List.of(
                old(1, "base-backup", "FAILED", 366),
                old(2, "base-backup", "STOPPED", 364),
                old(3, "base-backup", "ABANDONED", 364),
                old(4, "base-backup", "FAILED", 364),
                old(5, "base-backup", "COMPLETED", 2),
                old(6, "base-backup", "COMPLETED", 1));

        assertThat(TWO.mayGo(history, NOW)).containsExactly(1L);
    }

    @Test
    void whatRunsStaysForEver() {
        var history = List.of(
                new Execution(1, 1, "wal", "STARTED", Instant.EPOCH, Optional.empty(), Optional.empty(), Map.of()),
                old(2, "wal", "COMPLETED", 2),
                old(3, "wal", "COMPLETED", 1));

        assertThat(TWO.mayGo(history, NOW)).isEmpty();
    }

    @Test
    void oldTryStaysWithTheYoungOneOfTheSameInstance() {
        var history = List.of(
                execution(1, 1, "verify-backup", "FAILED", 800),
                execution(2, 1, "verify-backup", "COMPLETED", 10),
                old(3, "verify-backup", "COMPLETED", 2),
                old(4, "verify-backup", "COMPLETED", 1));

        assertThat(TWO.mayGo(history, NOW)).isEmpty();
    }

    @Test
    void clockThatWasSetBackForgetsNothingMore() {
        var history = List.of(
                old(1, "base-backup", "COMPLETED", -500),
                old(2, "base-backup", "COMPLETED", 2),
                old(3, "base-backup", "COMPLETED", 1));

        assertThat(TWO.mayGo(history, NOW)).isEmpty();
    }

    @Test
    void inAnyHistoryTheNewestStayAndASecondLookFindsNothing() {
        var statuses = List.of("COMPLETED", "FAILED", "STOPPED", "ABANDONED", "STARTED");
        for (int seed = 0; seed < 2_000; seed++) {
            var chance = new Random(seed);
            var history = new ArrayList<Execution>();
            for (int id = 1; id <= 1 + chance.nextInt(40); id++) {
                history.add(execution(
                        id,
                        1 + chance.nextInt(id),
                        "same",
                        statuses.get(chance.nextInt(statuses.size())),
                        chance.nextInt(800)));
            }
            var going = TWO.mayGo(history, NOW);
            var kept =
                    history.stream().filter(e -> !going.contains(e.instance())).toList();

            assertThat(kept).as("seed %d", seed).filteredOn(e -> !e.hasEnded()).hasSize((int)
                    history.stream().filter(e -> !e.hasEnded()).count());
            assertThat(kept.stream().map(Execution::instance).distinct().count())
                    .as("seed %d", seed)
                    .isGreaterThanOrEqualTo(Math.min(
                            2,
                            history.stream().map(Execution::instance).distinct().count()));
            assertThat(TWO.mayGo(kept, NOW)).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void policyThatWouldForgetFailuresFirstIsRefused() {
        assertThatThrownBy(() -> new HistoryPolicy(1, Duration.ofDays(2), Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("what failed as long as the rest");
    }

    private static Execution old(long id, String job, String status, int days) {
        return execution(id, id, job, status, days);
    }

    private static Execution execution(long id, long instance, String job, String status, int days) {
        var at = NOW.minus(Duration.ofDays(days));
        return new Execution(id, instance, job, status, at, Optional.of(at), Optional.empty(), Map.of());
    }
}
