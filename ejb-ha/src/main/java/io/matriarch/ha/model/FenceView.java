package io.matriarch.ha.model;

import java.util.Optional;

/**
 * What the fence process says.
 *
 * @param postmasterPid the postmaster that it parents; 0 when none
 * @param deadline when it stops PostgreSQL unless extended; empty = not armed
 * @param proof the proof of its last fencing as one line of JSON, for people and for the record
 */
public record FenceView(State state, long postmasterPid, Optional<MonotonicTime> deadline, Optional<String> proof) {
    public static final FenceView UNREACHABLE = new FenceView(State.UNREACHABLE, 0, Optional.empty(), Optional.empty());

    /** The fence's own states, and one for its silence. */
    public enum State {
        /** Alive, no PostgreSQL. */
        IDLE,
        /** Parent of a running PostgreSQL. */
        RUNNING,
        /** PostgreSQL was asked to stop. */
        STOPPING,
        /** It stopped PostgreSQL at the deadline and refuses to start it until it is cleared. */
        FENCED,
        /** Did not answer within the bound: frozen or gone. */
        UNREACHABLE
    }
}
