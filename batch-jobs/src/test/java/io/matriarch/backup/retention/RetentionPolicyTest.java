package io.matriarch.backup.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.retention.Backup.State;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionPolicyTest {
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");
    private static final Circumstances CALM =
            new Circumstances(NOW, "now", true, Optional.of(NOW.minusSeconds(1800)), Optional.empty());

    @Test
    void threeNewestVerifiedOnesStayByDefault() {
        var plan = plan(RetentionSettings.DEFAULTS, daily(5));

        assertThat(plan.deletions()).containsExactly("day5", "day4");
        assertThat(reasons(plan, "day2")).contains("it is one of the 3 newest verified full backups");
        assertThat(reasons(plan, "day5")).containsExactly("newer verified backups are enough");
    }

    @Test
    void unverifiedOnesDoNotCount() {
        var backups = daily(5);
        backups.set(4, full("day1", 1, State.CONSISTENT));

        assertThat(plan(RetentionSettings.DEFAULTS, backups).deletions()).containsExactly("day5");
    }

    @Test
    void oneThatIsNotJudgedYetStays() {
        var backups = List.of(full("only", 1, State.COPIED));

        assertThat(reasons(plan(RetentionSettings.DEFAULTS, backups), "only"))
                .containsExactly("it is newer than the newest verified backup, and not judged yet");
    }

    @Test
    void suspectOneFreezesEverything() {
        var backups = daily(6);
        backups.set(0, full("day6", 6, State.SUSPECT));
        var plan = plan(RetentionSettings.DEFAULTS, backups);

        assertThat(plan.frozen()).hasValueSatisfying(why -> assertThat(why).startsWith("day6 is suspect"));
        assertThat(plan.deletions()).isEmpty();
    }

    @Test
    void windowKeepsTheOneThatItBeginsAfter() {
        var settings = new RetentionSettings(1, Duration.ofDays(2), 0, 0, 0, Duration.ZERO, 10, ZoneId.of("UTC"));

        assertThat(plan(settings, daily(5)).deletions()).containsExactly("day5", "day4");
        assertThat(reasons(plan(settings, daily(5)), "day3")).contains("the window of 2 days begins after it");
    }

    @Test
    void generationsKeepTheNewestOfEach() {
        var settings = new RetentionSettings(1, Duration.ZERO, 0, 2, 2, Duration.ZERO, 100, ZoneId.of("UTC"));
        var plan = plan(settings, daily(40));

        assertThat(plan.verdicts().stream()
                        .filter(RetentionPlan.Verdict::stays)
                        .map(v -> v.backup().label()))
                .containsExactly("day15", "day8", "day1");
        assertThat(reasons(plan, "day15")).containsExactly("it is the newest of month 2026-05");
    }

    @Test
    void whatBuildsOnAnotherGoesFirst() {
        var backups = new ArrayList<>(List.of(full("old", 9), incremental("i1", "old", 8), incremental("i2", "i1", 7)));
        backups.addAll(daily(3));

        assertThat(plan(RetentionSettings.DEFAULTS, backups).deletions()).containsExactly("i2", "i1", "old");
    }

    @Test
    void heldOneKeepsWhatItBuildsOn() {
        var held = backup("i1", "now", Optional.of("old"), 8, State.VERIFIED, Optional.of("audit"));
        var backups = new ArrayList<>(List.of(full("old", 9), held));
        backups.addAll(daily(3));
        var plan = plan(RetentionSettings.DEFAULTS, backups);

        assertThat(plan.deletions()).isEmpty();
        assertThat(reasons(plan, "i1")).containsExactly("it is held: audit");
        assertThat(reasons(plan, "old")).containsExactly("i1 builds on it");
    }

    @Test
    void newestOfAHistoryLeftBehindStaysForTheRollbackTime() {
        var backups =
                new ArrayList<>(List.of(of("before", "older", 20), of("newer", "older", 6), of("lost", "oldest", 8)));
        backups.addAll(daily(3));

        assertThat(plan(RetentionSettings.DEFAULTS, backups).deletions()).containsExactly("before", "lost");
    }

    @Test
    void atMostSoManyGoInOneRun() {
        var settings = new RetentionSettings(1, Duration.ZERO, 0, 0, 0, Duration.ZERO, 2, ZoneId.of("UTC"));
        var plan = plan(settings, daily(5));

        assertThat(plan.deletions()).containsExactly("day5", "day4");
        assertThat(reasons(plan, "day3")).containsExactly("its turn comes in a later run: at most 2 go in one");
    }

    @Test
    void walIsNeededFromTheOldestThatStays() {
        var plan = plan(RetentionSettings.DEFAULTS, daily(5));

        assertThat(RetentionPolicy.walNeededFrom(daily(5), plan.deletions()))
                .containsOnlyKeys("now")
                .containsValue(full("day3", 3).start());
    }

    @Test
    void nothingGoesWithoutTheLockOrWithAWrongClock() {
        var unlocked = new Circumstances(NOW, "now", false, Optional.empty(), Optional.empty());
        var wentBack = new Circumstances(NOW, "now", true, Optional.of(NOW.plusSeconds(1)), Optional.empty());
        var differs = new Circumstances(NOW, "now", true, Optional.empty(), Optional.of("day2 is not in storage"));

        for (var at : List.of(unlocked, wentBack, differs)) {
            var plan = RetentionPolicy.plan(daily(9), RetentionSettings.DEFAULTS, at);
            assertThat(plan.frozen()).isPresent();
            assertThat(plan.deletions()).isEmpty();
        }
    }

    @Test
    void wrongSettingsAndCataloguesAreRefused() {
        assertThatThrownBy(() -> new RetentionSettings(0, Duration.ZERO, 0, 0, 0, Duration.ZERO, 1, ZoneId.of("UTC")))
                .hasMessage("count must be 1 or more, not 0");
        assertThatThrownBy(() -> plan(RetentionSettings.DEFAULTS, List.of(full("twice", 1), full("twice", 2))))
                .hasMessageContaining("one label");
    }

    private static RetentionPlan plan(RetentionSettings settings, List<Backup> backups) {
        return RetentionPolicy.plan(backups, settings, CALM);
    }

    private static List<String> reasons(RetentionPlan plan, String label) {
        return plan.verdicts().stream()
                .filter(v -> v.backup().label().equals(label))
                .findFirst()
                .orElseThrow()
                .reasons();
    }

    /** One verified full backup a day; {@code day1} is of yesterday. */
    private static List<Backup> daily(int days) {
        var backups = new ArrayList<Backup>();
        for (int day = days; day >= 1; day--) {
            backups.add(full("day" + day, day));
        }
        return backups;
    }

    private static Backup full(String label, int daysAgo) {
        return of(label, "now", daysAgo);
    }

    private static Backup full(String label, int daysAgo, State state) {
        return backup(label, "now", Optional.empty(), daysAgo, state, Optional.empty());
    }

    private static Backup of(String label, String lineage, int daysAgo) {
        return backup(label, lineage, Optional.empty(), daysAgo, State.VERIFIED, Optional.empty());
    }

    private static Backup incremental(String label, String parent, int daysAgo) {
        return backup(label, "now", Optional.of(parent), daysAgo, State.VERIFIED, Optional.empty());
    }

    private static Backup backup(
            String label, String lineage, Optional<String> parent, int daysAgo, State state, Optional<String> held) {
        var start = new Lsn(1_000_000L - 1_000L * daysAgo);
        var stop = new Lsn(start.bytes() + 10);
        var stoppedAt = NOW.minus(Duration.ofDays(daysAgo));
        return new Backup(label, lineage, parent, new Timeline(1), start, stop, stoppedAt, state, held, false);
    }
}
