package io.matriarch.backup.restore;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a restore has done, in a file that outlives the manager: the job only executes, this is the truth. Each change is durable when its
 * method returns. For one thread.
 */
final class Ledger {
    private final Path file;
    private final RestoreRequest request;
    private final Plan plan;
    private final Map<String, Object> steps = new LinkedHashMap<>();
    private final Map<String, Object> facts = new LinkedHashMap<>();

    private Ledger(Path file, RestoreRequest request, Plan plan) {
        this.file = file;
        this.request = request;
        this.plan = plan;
    }

    /** Begins one; its directory has to be there. */
    static Ledger begin(Path file, RestoreRequest request, Plan plan) throws IOException {
        var ledger = new Ledger(file, request, plan);
        ledger.save();
        return ledger;
    }

    /**
     * Reads the one that is there.
     *
     * @throws IOException if it is none, or its plan was changed
     */
    static Optional<Ledger> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            var in = Json.parseObject(Files.readString(file));
            var ledger = new Ledger(file, RestoreRequest.parse(object(in, "request")), Plan.parse(object(in, "plan")));
            if (!in.string("plan_hash").equals(Optional.of(ledger.plan.hash()))) {
                throw new IOException("the plan in " + file + " was changed: it has not the recorded hash");
            }
            ledger.steps.putAll(object(in, "steps").values());
            ledger.facts.putAll(object(in, "facts").values());
            return Optional.of(ledger);
        } catch (IllegalArgumentException | RestoreRequest.BadInput e) {
            throw new IOException(file + " is no ledger of a restore: " + e.getMessage(), e);
        }
    }

    private static JsonObject object(JsonObject in, String key) {
        return in.object(key).orElseThrow(() -> new IllegalArgumentException("\"" + key + "\" is missing"));
    }

    RestoreRequest request() {
        return request;
    }

    Plan plan() {
        return plan;
    }

    boolean isDone(RestoreStep step) {
        return steps.containsKey(step.word());
    }

    /** A step is done. */
    void done(RestoreStep step, Instant at, Duration took) throws IOException {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("at", at.toString());
        entry.put("milliseconds", took.toMillis());
        steps.put(step.word(), entry);
        save();
    }

    Optional<String> text(String fact) {
        return Optional.ofNullable(facts.get(fact)).map(String::valueOf);
    }

    Optional<Long> number(String fact) {
        return new JsonObject(facts).number(fact);
    }

    /** Records a text or a number that later steps need. */
    void record(String fact, Object value) throws IOException {
        facts.put(fact, value);
        save();
    }

    private void save() throws IOException {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("request", request.document());
        out.put("plan_hash", plan.hash());
        out.put("plan", plan.document());
        out.put("steps", steps);
        out.put("facts", facts);
        Path written = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(written, Json.spaced(out));
        sync(written);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.toAbsolutePath().resolveSibling("."));
    }

    private static void sync(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
