package io.matriarch.backup;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks for restores, and for what can be restored. */
public interface Restores {

    /** What became of a wish. */
    enum Kind {
        /** It can be done: a job was asked to do it, or to go on with it. */
        JOB,
        /** It could be done; nothing was. */
        PLANNED,
        /** The wish cannot be understood. */
        BAD_INPUT,
        /** It cannot be done; the document says what could be. */
        REFUSED,
        /** This machine restores nothing. */
        NO_MANAGER
    }

    /**
     * The answer to a wish.
     *
     * @param document the plan, or what is wrong: {@code detail}, and {@code field} or {@code code} and {@code reachable}
     * @param job what became of the job
     */
    record Answer(Kind kind, Map<String, Object> document, Optional<JobAnswer> job) {}

    /**
     * Plans a restore and starts it, unless the wish says {@code dry_run}. Blocks for the plan, not for the restore.
     *
     * @param body a JSON object; see docs/configuration.md
     * @throws IOException if the repository cannot be read
     */
    Answer ask(String body) throws IOException;

    /**
     * Ranges of moments that can be restored; empty where this machine restores nothing. Blocks as long as the repository does.
     *
     * @throws IOException if the repository cannot be read
     */
    Optional<List<Map<String, Object>>> recoverable() throws IOException;
}
