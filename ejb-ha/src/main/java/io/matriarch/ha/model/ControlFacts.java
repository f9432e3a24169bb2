package io.matriarch.ha.model;

import java.util.Optional;

/**
 * What {@code pg_control} says.
 *
 * @param checkpoint location of the latest checkpoint record; after a clean stop the position of the shutdown checkpoint
 * @param checkpointRedo where crash recovery would begin
 * @param minRecoveryEnd a standby's minimum recovery end, if set
 * @param timeline the latest checkpoint's timeline, or the minimum recovery end's when that is later
 */
public record ControlFacts(
        SystemIdentifier systemIdentifier,
        ControlState state,
        Timeline timeline,
        Lsn checkpoint,
        Lsn checkpointRedo,
        Optional<Lsn> minRecoveryEnd) {

    /** The "Database cluster state" of {@code pg_controldata}. */
    public enum ControlState {
        STARTING_UP,
        SHUT_DOWN,
        SHUT_DOWN_IN_RECOVERY,
        SHUTTING_DOWN,
        IN_CRASH_RECOVERY,
        IN_ARCHIVE_RECOVERY,
        IN_PRODUCTION,
        UNRECOGNIZED
    }

    /** Ended without loss of unwritten state, as a primary. */
    public boolean cleanPrimaryStop() {
        return state == ControlState.SHUT_DOWN;
    }

    /** Was a primary when it ended, cleanly or not. */
    public boolean wasPrimary() {
        return switch (state) {
            case SHUT_DOWN, SHUTTING_DOWN, IN_PRODUCTION, IN_CRASH_RECOVERY -> true;
            case STARTING_UP, SHUT_DOWN_IN_RECOVERY, IN_ARCHIVE_RECOVERY, UNRECOGNIZED -> false;
        };
    }
}
