package io.matriarch.backup;

import io.matriarch.backup.catalogue.Catalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A base backup as people and the REST interface see it.
 *
 * @param state {@code COPIED}, {@code CONSISTENT}, {@code VERIFIED} or {@code SUSPECT}; only verified ones count
 * @param why what was found when it came into that state
 * @param bytes what it takes in the repository
 * @param serverBytes what was copied, before compression
 * @param restoreSeconds what a restore of it took when it was verified
 * @param held why a human keeps it
 * @param marked since when it is marked for deletion
 */
public record BackupSummary(
        String label,
        String state,
        String why,
        Instant startedAt,
        Instant stoppedAt,
        String source,
        String postgres,
        String format,
        int timeline,
        String startLsn,
        String stopLsn,
        long bytes,
        long serverBytes,
        Optional<Long> restoreSeconds,
        Optional<String> held,
        Optional<Instant> marked) {

    static BackupSummary of(Catalogue.Entry entry) {
        var d = entry.description();
        return new BackupSummary(
                d.label(),
                entry.state().name(),
                entry.why(),
                d.startedAt(),
                d.stoppedAt(),
                d.source(),
                d.postgres(),
                d.format(),
                d.timeline().id(),
                d.start().toString(),
                d.stop().toString(),
                d.storedBytes(),
                d.serverBytes(),
                entry.restoreSeconds(),
                entry.held(),
                entry.marked());
    }

    /** How long the copy took. */
    public Duration duration() {
        return Duration.between(startedAt, stoppedAt);
    }
}
