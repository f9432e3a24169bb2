package io.matriarch.backup.schedule;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.BackupPolicy.Job;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A slot of a schedule that a manager took; its key in etcd is what makes sure that no slot is run twice.
 *
 * @param manager that took it
 * @param token its fencing token then
 * @param attempt 1 for the first; a manager that went down in the middle leaves the slot to the next attempt
 * @param execution id in that manager's records; empty until it was started
 * @param ending how it ended; empty while it runs
 */
record Run(
        Job job,
        Instant slot,
        String manager,
        long token,
        int attempt,
        Optional<Long> execution,
        Optional<Ending> ending) {

    static final String FOLDER = "run/";
    static final int MOST_ATTEMPTS = 3;

    /**
     * How it ended.
     *
     * @param state {@code COMPLETED}, {@code FAILED}, {@code STOPPED} or {@code INTERRUPTED}
     */
    record Ending(Instant at, String state, String outcome) {
        static final String INTERRUPTED = "INTERRUPTED";
    }

    /** Name of its key. */
    String key() {
        return FOLDER + job.batchJob() + "/" + slot;
    }

    boolean wasInterrupted() {
        return ending.filter(e -> e.state().equals(Ending.INTERRUPTED)).isPresent();
    }

    Run started(long id) {
        return new Run(job, slot, manager, token, attempt, Optional.of(id), ending);
    }

    Run ended(Ending how) {
        return new Run(job, slot, manager, token, attempt, execution, Optional.of(how));
    }

    /** The same slot, for a manager that tries again. */
    Run again(String by, long newToken) {
        return new Run(job, slot, by, newToken, attempt + 1, Optional.empty(), Optional.empty());
    }

    String json() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("manager", manager);
        out.put("token", token);
        out.put("attempt", attempt);
        execution.ifPresent(id -> out.put("execution", id));
        ending.ifPresent(e -> {
            out.put("ended_at", e.at().toString());
            out.put("state", e.state());
            out.put("outcome", e.outcome());
        });
        return Json.compact(out);
    }

    /** Reads a key; empty when it is none of ours: then it blocks nothing but its own slot. */
    static Optional<Run> of(String key, String json) {
        var parts = key.split("/");
        var in = Json.tryParseObject(json);
        if (parts.length != 3 || in.isEmpty()) {
            return Optional.empty();
        }
        try {
            var slot = Instant.parse(parts[2]);
            return Arrays.stream(Job.values())
                    .filter(job -> job.batchJob().equals(parts[1]))
                    .findFirst()
                    .map(job -> of(job, slot, in.get()));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Run of(Job job, Instant slot, JsonObject in) {
        var ending = in.string("ended_at")
                .map(at -> new Ending(
                        Instant.parse(at),
                        in.string("state").orElse(""),
                        in.string("outcome").orElse("")));
        return new Run(
                job,
                slot,
                in.string("manager").orElse(""),
                in.number("token").orElse(0L),
                Math.toIntExact(Math.clamp(in.number("attempt").orElse(1L), 1, Integer.MAX_VALUE)),
                in.number("execution"),
                ending);
    }
}
