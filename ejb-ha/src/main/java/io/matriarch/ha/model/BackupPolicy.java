package io.matriarch.ha.model;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the users want of backups: from {@code matriarch.backup} of the dynamic configuration, where it says nothing from the manager's file.
 *
 * @param schedules when each job is started, as five cron fields; a job that is not in it only runs by command
 * @param zone in which the schedules are meant
 * @param format word of the format
 * @param verify whether each new backup is restored in a sandbox at once
 * @param source from whom a base backup is copied
 * @param rateKib a base backup copies at most so many kibibytes per second
 * @param retention what is kept
 */
public record BackupPolicy(
        Map<Job, String> schedules,
        ZoneId zone,
        String format,
        boolean verify,
        Source source,
        Optional<Long> rateKib,
        Retention retention) {

    public BackupPolicy {
        schedules = Map.copyOf(schedules);
        Objects.requireNonNull(retention);
    }

    /** From whom a base backup is copied. */
    public enum Source {
        /** The leader: it holds all that was committed. */
        LEADER,
        /** The least lagging replica, to spare the leader; without one the leader. */
        REPLICA
    }

    /** What has a schedule. */
    public enum Job {
        /** A base backup. */
        BACKUP("schedule", "base-backup"),
        /** The backup whose last proof is the oldest is proven again. */
        VERIFY("verify_schedule", "verify-backup"),
        /** Backups that nobody needs any more go. */
        EXPIRE("expire_schedule", "expire-backups"),
        /** The chain of WAL is proven. */
        CHECK("check_schedule", "wal-continuity");

        private final String key;
        private final String batchJob;

        Job(String key, String batchJob) {
            this.key = key;
            this.batchJob = batchJob;
        }

        /** Its key in {@code matriarch.backup}. */
        public String key() {
            return key;
        }

        /** The job that is started, by the name of its XML. */
        public String batchJob() {
            return batchJob;
        }
    }

    /**
     * What is kept.
     *
     * @param keep how many verified full backups at least; 1 or more
     * @param window how far back every moment must be reachable; zero when only the count matters
     * @param daily for how many days the newest verified one of each is kept; weekly and monthly likewise; 0 for none
     * @param rollback for how long the newest backup of a history that a restore has left behind is kept
     * @param delay how long a backup stays marked before it is deleted
     * @param deletionsPerRun at most so many go in one run
     */
    public record Retention(
            int keep,
            Duration window,
            int daily,
            int weekly,
            int monthly,
            Duration rollback,
            Duration delay,
            int deletionsPerRun) {}

    /** Three generations, one each half an hour, as the shell script that this replaces kept them. */
    public static final BackupPolicy DEFAULTS = new BackupPolicy(
            Map.of(
                    Job.BACKUP, "*/30 * * * *",
                    Job.VERIFY, "23 2 * * *",
                    Job.EXPIRE, "41 * * * *",
                    Job.CHECK, "11 * * * *"),
            ZoneId.of("UTC"),
            "zstd",
            true,
            Source.LEADER,
            Optional.empty(),
            new Retention(3, Duration.ZERO, 0, 0, 0, Duration.ofDays(7), Duration.ofDays(1), 10));
}
