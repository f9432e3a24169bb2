package io.matriarch.ha.adapter.system;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.DecisionEntry;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The lines of a journal: a decision, or how often the one before was repeated. Public because {@code replay} reads the same lines.
 */
public sealed interface JournalLines {

    /** A decision. */
    record Decided(DecisionEntry entry) implements JournalLines {}

    /** The decision before was made {@code times} more, last at {@code until}. */
    record Repeated(long times, Instant until) implements JournalLines {}

    /** A line that cannot be read, and why: torn by a crash, or of another version. */
    record Unreadable(String why) implements JournalLines {}

    static String text(DecisionEntry entry) {
        return RecordJson.write(entry);
    }

    static String text(Repeated repeated) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("repeated", repeated.times());
        line.put("until", repeated.until().toString());
        return Json.compact(line);
    }

    /** Never throws: a journal is read after something went wrong. */
    static JournalLines parse(String line) {
        try {
            Optional<JsonObject> json = Json.tryParseObject(line);
            if (json.isEmpty()) {
                return new Unreadable("not a JSON object");
            }
            Optional<Long> repeated = json.get().number("repeated");
            if (repeated.isPresent()) {
                return new Repeated(
                        repeated.get(), Instant.parse(json.get().string("until").orElse("")));
            }
            return new Decided(RecordJson.read(line, DecisionEntry.class));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return new Unreadable(String.valueOf(e.getMessage()));
        }
    }
}
