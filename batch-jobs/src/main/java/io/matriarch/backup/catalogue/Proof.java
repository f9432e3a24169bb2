package io.matriarch.backup.catalogue;

import io.matriarch.ha.json.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a restore of a backup in a sandbox proved.
 *
 * @param restoreSeconds from the empty directory until it could be asked: the RTO that was measured
 * @param bytesPerSecond of the server's data, in that time; 0 where nobody recorded it
 * @param level {@code V3} to {@code V5}; empty where nobody recorded it
 * @param moment that was replayed to
 * @param complaint what was wrong beside the backup itself, for example with the WAL behind it
 */
public record Proof(
        long restoreSeconds,
        long bytesPerSecond,
        Optional<String> level,
        Optional<Instant> moment,
        Optional<String> complaint) {

    /** As members of a change of state. */
    Map<String, Object> document() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("restore_seconds", restoreSeconds);
        out.put("restore_bytes_per_second", bytesPerSecond);
        level.ifPresent(l -> out.put("level", l));
        moment.ifPresent(at -> out.put("moment", at.toString()));
        complaint.ifPresent(why -> out.put("complaint", why));
        return out;
    }

    /** What {@link #document} wrote; empty where a change of state says nothing of a restore. */
    static Optional<Proof> of(JsonObject in) {
        return in.number("restore_seconds")
                .map(seconds -> new Proof(
                        seconds,
                        in.number("restore_bytes_per_second").orElse(0L),
                        in.string("level"),
                        in.string("moment").map(Instant::parse),
                        in.string("complaint")));
    }
}
