package io.matriarch.backup;

import java.time.Duration;
import java.util.Map;

/**
 * What managers have this node do. A command carries the token of its manager's tenure; one of an older tenure than the newest that was seen is
 * refused, also after a restart of the node. One thing is done at a time.
 */
public interface NodeTasks {

    /** What became of a call. */
    enum Kind {
        /** The document tells how far it is, or how it ended. */
        TASK,
        /** The command cannot be understood. */
        BAD_INPUT,
        /** A newer manager has commanded this node. */
        STALE,
        /** Something else is being done. */
        BUSY,
        /** There is no such task: it is long over, or was lost with a restart of this node. */
        UNKNOWN,
        /** This machine runs no PostgreSQL. */
        NO_NODE
    }

    /**
     * The answer to a call.
     *
     * @param document the task, or {@code detail}: what is wrong
     */
    record Answer(Kind kind, Map<String, Object> document) {}

    /**
     * Begins a task, unless it was begun before: the same call twice begins it once. Blocks while a task of an older tenure ends.
     *
     * @param id chosen by the caller, another one for each attempt
     * @param body a JSON object: {@code token}, {@code manager}, {@code source}, {@code kind}, {@code order}
     */
    Answer begin(String id, String body);

    /** How far a task is; returns when it has ended, after {@code wait} at the latest. */
    Answer look(String id, Duration wait);

    /** Asks a task to end soon and leave nothing half done that the next attempt does not find; returns at once. */
    Answer stop(String id, long token);
}
