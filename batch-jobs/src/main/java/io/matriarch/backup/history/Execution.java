package io.matriarch.backup.history;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One execution as it is recorded.
 *
 * @param instance what it is a try of; a restart makes a new execution of the same instance
 * @param status the batch runtime's word, for example {@code STARTED}
 * @param exit what the job left at its end
 * @param parameters what it was told
 */
public record Execution(
        long id,
        long instance,
        String job,
        String status,
        Instant created,
        Optional<Instant> ended,
        Optional<String> exit,
        Map<String, String> parameters) {

    /** Statuses after which nothing happens any more by itself. */
    public static final List<String> ENDED = List.of("COMPLETED", "STOPPED", "FAILED", "ABANDONED");

    public Execution {
        parameters = Map.copyOf(parameters);
    }

    /** One step of an execution. */
    public record Step(String name, String status, Instant started, Optional<Instant> ended, Optional<String> exit) {}

    public boolean hasEnded() {
        return ENDED.contains(status);
    }
}
