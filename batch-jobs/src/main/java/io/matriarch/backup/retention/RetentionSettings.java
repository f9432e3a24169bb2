package io.matriarch.backup.retention;

import java.time.Duration;
import java.time.ZoneId;

/**
 * What the users want kept, from {@code matriarch.backup.retention} of the dynamic configuration.
 *
 * @param count how many verified full backups at least; 1 or more
 * @param window how far back every moment must be reachable; zero when only the count matters
 * @param daily for how many days the newest verified backup of each is kept; weekly and monthly likewise; 0 for none
 * @param rollback for how long the newest backup of a history that a restore has left behind is kept
 * @param deletionsPerRun at most so many backups go in one run
 * @param zone in which days, weeks and months begin
 */
public record RetentionSettings(
        int count,
        Duration window,
        int daily,
        int weekly,
        int monthly,
        Duration rollback,
        int deletionsPerRun,
        ZoneId zone) {

    /** Three generations, as the shell script that this replaces kept them. */
    public static final RetentionSettings DEFAULTS =
            new RetentionSettings(3, Duration.ZERO, 0, 0, 0, Duration.ofDays(7), 10, ZoneId.of("UTC"));

    public RetentionSettings {
        require(count >= 1, "count must be 1 or more, not " + count);
        require(!window.isNegative(), "window must not be negative: " + window);
        require(daily >= 0 && weekly >= 0 && monthly >= 0, "daily, weekly and monthly must not be negative");
        require(!rollback.isNegative(), "rollback must not be negative: " + rollback);
        require(deletionsPerRun >= 1, "deletions per run must be 1 or more, not " + deletionsPerRun);
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(problem);
        }
    }
}
