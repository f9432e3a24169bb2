package io.matriarch.backup.retention;

import io.matriarch.ha.model.BackupPolicy;
import io.matriarch.ha.model.BackupPolicy.Retention;
import java.time.Duration;
import java.util.Optional;

/** Policies of tests. */
public final class Policies {
    private Policies() {}

    /** The defaults, but for how many are kept and how many may go in one run; what is marked goes a day later. */
    public static BackupPolicy keeping(int keep, int perRun) {
        var d = BackupPolicy.DEFAULTS;
        return new BackupPolicy(
                d.schedules(),
                d.zone(),
                d.format(),
                d.workers(),
                true,
                d.source(),
                Optional.empty(),
                d.incremental(),
                d.throttle(),
                new Retention(keep, Duration.ZERO, 0, 0, 0, Duration.ofDays(7), Duration.ofDays(1), perRun),
                d.verification());
    }
}
