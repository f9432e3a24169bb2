package io.matriarch.backup.retention;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.Optional;

/**
 * One base backup as the catalogue knows it.
 *
 * @param label its name in the repository; says nothing of its order
 * @param lineage the history that it belongs to: one system identifier between two restores of the whole cluster
 * @param parent what an incremental backup builds on; empty for a full one
 * @param start where replay has to begin
 * @param stop where the backup is consistent
 * @param stoppedAt when it was complete, by the manager's clock
 * @param held why a human keeps it, if one does
 * @param inUse a restore, verification or clone reads it now
 */
public record Backup(
        String label,
        String lineage,
        Optional<String> parent,
        Timeline timeline,
        Lsn start,
        Lsn stop,
        Instant stoppedAt,
        State state,
        Optional<String> held,
        boolean inUse) {

    /** How far a backup is trusted. */
    public enum State {
        /** The copy ended with success. */
        COPIED,
        /** The WAL between its start and its stop is in the repository. */
        CONSISTENT,
        /** It was restored in a sandbox, and opened. */
        VERIFIED,
        /** A check of it failed. */
        SUSPECT
    }

    public Backup {
        if (label.isBlank() || lineage.isBlank()) {
            throw new IllegalArgumentException(
                    "a backup has a label and a lineage: '" + label + "', '" + lineage + "'");
        }
        if (stop.compareTo(start) < 0) {
            throw new IllegalArgumentException(label + " stops at " + stop + ", before its start at " + start);
        }
    }

    public boolean isFull() {
        return parent.isEmpty();
    }

    public boolean isVerified() {
        return state == State.VERIFIED;
    }
}
