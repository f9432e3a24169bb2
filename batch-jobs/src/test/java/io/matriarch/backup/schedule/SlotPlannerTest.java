package io.matriarch.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.schedule.SlotPlanner.Due;
import io.matriarch.ha.model.BackupPolicy.Job;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotPlannerTest {
    private static final CronSchedule HALF_HOURLY = new CronSchedule("*/30 * * * *", ZoneId.of("UTC"));
    private static final Instant NOON = Instant.parse("2026-06-15T12:00:00Z");

    private static Instant min(int minutes) {
        return NOON.plusSeconds(60L * minutes);
    }

    private static Run run(Instant slot) {
        return new Run(Job.BACKUP, slot, "a", 5, 1, Optional.of(3L), Optional.empty());
    }

    private static Run done(Instant slot) {
        return run(slot).ended(new Run.Ending(slot, "COMPLETED", "ok"));
    }

    private static Run interrupted(Instant slot) {
        return run(slot).ended(new Run.Ending(slot, Run.Ending.INTERRUPTED, "went down"));
    }

    private static Optional<Due> due(Instant since, List<Run> runs, Instant now) {
        return SlotPlanner.due(HALF_HOURLY, since, runs, now);
    }

    @Test
    void aSlotIsDueWhenItsTimeHasCome() {
        assertThat(due(min(1), List.of(), min(29))).isEmpty();
        assertThat(due(min(1), List.of(), min(30))).contains(new Due(min(30), Optional.empty()));
        assertThat(due(min(1), List.of(done(min(30))), min(45))).isEmpty();
    }

    @Test
    void ofManyMissedSlotsOneIsMadeUpFor() {
        assertThat(due(min(0), List.of(done(min(30))), min(400))).contains(new Due(min(390), Optional.empty()));
    }

    @Test
    void whatLiesBeforeTheScheduleCameIntoForceWasNotMissed() {
        assertThat(due(min(95), List.of(), min(100))).isEmpty();
    }

    @Test
    void nothingIsDueWhileARunIsOpen() {
        assertThat(due(min(0), List.of(run(min(30))), min(70))).isEmpty();
    }

    @Test
    void aSlotIsNotRunTwiceWhenTheClockGoesBack() {
        assertThat(due(min(0), List.of(done(min(30)), done(min(60))), min(35))).isEmpty();
        assertThat(due(min(0), List.of(done(min(60))), min(62))).isEmpty();
    }

    @Test
    void aClockThatWasFarAheadDoesNotStopTheSchedule() {
        // While the clock was a day ahead a slot of tomorrow was taken.
        var runs = List.of(done(min(30)), done(min(1_500)));
        assertThat(due(min(0), runs, min(61))).contains(new Due(min(60), Optional.empty()));
    }

    @Test
    void aRunThatWasBrokenOffIsTriedAgainThriceAtMost() {
        var broken = interrupted(min(30));
        assertThat(due(min(0), List.of(broken), min(33))).contains(new Due(min(30), Optional.of(broken)));
        var third = broken.again("b", 6).again("a", 7).ended(broken.ending().orElseThrow());
        assertThat(third.attempt()).isEqualTo(Run.MOST_ATTEMPTS);
        assertThat(due(min(0), List.of(third), min(33))).isEmpty();
    }

    @Test
    void aNewerSlotStandsForTheOneThatWasBrokenOff() {
        assertThat(due(min(0), List.of(interrupted(min(30))), min(61))).contains(new Due(min(60), Optional.empty()));
    }

    @Test
    void runsSurviveTheirJson() {
        for (var run : List.of(run(NOON), done(NOON), interrupted(NOON).again("b", 9))) {
            assertThat(Run.of(run.key(), run.json())).contains(run);
        }
        assertThat(Run.of("run/base-backup/noon", "{}")).isEmpty();
        assertThat(Run.of("run/base-backup/" + NOON, "no json")).isEmpty();
        assertThat(Run.of("run/other-job/" + NOON, "{}")).isEmpty();
    }

    /** Whatever the clock does, no slot is taken twice. */
    @Test
    void underAnyClockEachSlotIsTakenAtMostOnce() {
        for (int seed = 0; seed < 500; seed++) {
            var chance = new Random(seed);
            var runs = new ArrayList<Run>();
            var taken = new HashSet<Instant>();
            var now = NOON;
            for (int step = 0; step < 100; step++) {
                now = now.plusSeconds(chance.nextInt(5) == 0 ? chance.nextInt(20_000) - 10_000 : chance.nextInt(900));
                var due = due(NOON, runs, now);
                if (due.isPresent()) {
                    var slot = due.get().slot();
                    assertThat(taken.add(slot))
                            .as("slot %s, seed %d", slot, seed)
                            .isTrue();
                    runs.add(done(slot));
                }
            }
        }
    }
}
