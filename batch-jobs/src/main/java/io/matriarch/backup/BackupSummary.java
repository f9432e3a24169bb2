package io.matriarch.backup;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Proof;
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
 * @param restoreSeconds what a restore of it took when it was verified: the RTO that was measured
 * @param restoreBytesPerSecond of the server's data in that time; empty where nobody recorded it
 * @param level that was proven, {@code V3} to {@code V5}
 * @param moment that was replayed to when it was verified
 * @param held why a human keeps it
 * @param marked since when it is marked for deletion
 * @param parent label of the backup that an incremental one builds on; empty for a full one
 * @param note why it is full though an incremental one was wanted
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
        Optional<Long> restoreBytesPerSecond,
        Optional<String> level,
        Optional<Instant> moment,
        Optional<String> held,
        Optional<Instant> marked,
        Optional<String> parent,
        Optional<String> note) {

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
                entry.proof().map(Proof::bytesPerSecond).filter(rate -> rate > 0),
                entry.proof().flatMap(Proof::level),
                entry.proof().flatMap(Proof::moment),
                entry.held(),
                entry.marked(),
                d.parent(),
                d.note());
    }

    /** How long the copy took. */
    public Duration duration() {
        return Duration.between(startedAt, stoppedAt);
    }
}
