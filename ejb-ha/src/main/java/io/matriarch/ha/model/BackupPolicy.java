package io.matriarch.ha.model;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the users want of backups: from {@code matriarch.backup} of the dynamic configuration, where it says nothing from the manager's file.
 *
 * @param schedules when each job is started, as five cron fields; a job that is not in it only runs by command
 * @param zone in which the schedules are meant
 * @param format word of the format
 * @param workers threads of the server that compress a base backup with Zstandard; 0: its session does it itself
 * @param verify whether each new backup is restored in a sandbox at once
 * @param source from whom a base backup is copied
 * @param rateKib a base backup copies at most so many kibibytes per second
 * @param incremental when a scheduled base backup copies only what changed
 * @param throttle how a base backup spares the primary
 * @param retention what is kept
 * @param verification what a verification does with a restored backup
 */
public record BackupPolicy(
        Map<Job, String> schedules,
        ZoneId zone,
        String format,
        int workers,
        boolean verify,
        Source source,
        Optional<Long> rateKib,
        Incremental incremental,
        Throttle throttle,
        Retention retention,
        Verification verification) {

    public BackupPolicy {
        schedules = Map.copyOf(schedules);
        Objects.requireNonNull(incremental);
        Objects.requireNonNull(retention);
        Objects.requireNonNull(verification);
    }

    /** From whom a base backup is copied. */
    public enum Source {
        /** The leader: it holds all that was committed. */
        LEADER,
        /** The least lagging replica, to spare the leader; without one the leader. */
        REPLICA
    }

    /**
     * How a base backup spares the primary.
     *
     * @param risePercent by how much the primary may answer later than before the copy; empty: the copy looks at nothing and is never slowed
     * @param floorKib a copy that is slowed gets at least so many kibibytes per second, so that it ends
     */
    public record Throttle(Optional<Integer> risePercent, long floorKib) {}

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
     * Backups that build on an earlier one. Needs PostgreSQL 17 with {@code summarize_wal = on}.
     *
     * @param fullEvery a scheduled backup is incremental while the full one at the beginning of its chain is younger; zero: all are full
     * @param longestChain so many backups a chain has at most, the full one included; 2 or more. All of them are read for a restore
     */
    public record Incremental(Duration fullEvery, int longestChain) {
        /** Whether the schedule takes any. */
        public boolean isScheduled() {
            return !fullEvery.isZero();
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

    /**
     * What a verification does with a restored backup.
     *
     * @param replay up to where WAL is replayed
     * @param every a random moment is replayed to by each n-th verification, the others go to consistency; 1 or more
     * @param heartbeat how often the leader's heartbeat row is written; zero: never
     * @param tolerance how much older than one period the heartbeat may be at the moment that was replayed to
     * @param losses what follows from tables that vanished or shrank since the verification before
     * @param rowDropPercent a table shrank when it lost more than this share of its rows
     * @param assertions of the users
     */
    public record Verification(
            Replay replay,
            int every,
            Duration heartbeat,
            Duration tolerance,
            Losses losses,
            int rowDropPercent,
            List<Assertion> assertions) {
        public Verification {
            assertions = List.copyOf(assertions);
        }
    }

    /** Up to where a verification replays. */
    public enum Replay {
        /** To the end of the backup. */
        CONSISTENCY,
        /** To a moment that is drawn anew each time. */
        RANDOM
    }

    /** What follows from something that was there at the verification before. */
    public enum Losses {
        /** It is told. */
        REPORT,
        /** It is told, and the backup is SUSPECT. */
        SUSPECT
    }

    /**
     * What the users know of their data.
     *
     * @param name by which it is told when it fails
     * @param database to ask; empty: the one that the managers log in to
     * @param sql one statement, run as a role that may only read
     * @param expects its answer, as {@code psql} writes it without headings: columns with {@code |} between them, a line for each row
     */
    public record Assertion(String name, Optional<String> database, String sql, String expects) {}

    /** Three generations, one each half an hour, as the shell script that this replaces kept them. */
    public static final BackupPolicy DEFAULTS = new BackupPolicy(
            Map.of(
                    Job.BACKUP, "*/30 * * * *",
                    Job.VERIFY, "23 2 * * *",
                    Job.EXPIRE, "41 * * * *",
                    Job.CHECK, "11 * * * *"),
            ZoneId.of("UTC"),
            "zstd",
            2,
            true,
            Source.LEADER,
            Optional.empty(),
            new Incremental(Duration.ZERO, 24),
            new Throttle(Optional.empty(), 1024),
            new Retention(3, Duration.ZERO, 0, 0, 0, Duration.ofDays(7), Duration.ofDays(1), 10),
            new Verification(
                    Replay.RANDOM, 1, Duration.ofSeconds(10), Duration.ofSeconds(30), Losses.REPORT, 50, List.of()));
}
