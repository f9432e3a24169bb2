package io.matriarch.backup.restore;

import io.matriarch.backup.restore.WalView.Needed;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonException;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Lsn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a restore will be done.
 *
 * @param label of the backup
 * @param system that the data must have
 * @param timeline for PostgreSQL: a number, or {@code current} for the backup's own
 * @param settings the recovery target, in PostgreSQL's words
 * @param wal what is fetched from the archive, in order; a partial segment is marked
 * @param start where replay begins
 * @param end where the fetched WAL ends
 * @param copyBytes what the data directory takes
 * @param walBytes what the WAL beside it takes
 * @param warnings what a person should know before
 */
record Plan(
        String label,
        String system,
        String timeline,
        Map<String, String> settings,
        List<Needed> wal,
        Lsn start,
        Lsn end,
        long copyBytes,
        long walBytes,
        List<String> warnings) {

    private static final int SPARE = 10;

    Plan {
        settings = Map.copyOf(settings);
        wal = List.copyOf(wal);
        warnings = List.copyOf(warnings);
    }

    /** Room that it takes, with a tenth more. */
    long neededBytes() {
        return copyBytes + walBytes + (copyBytes + walBytes) / SPARE;
    }

    /** Two plans that do the same have the same. */
    String hash() {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of()
                    .formatHex(digest.digest(Json.compact(document()).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** As JSON, for {@link #parse} and for people. */
    Map<String, Object> document() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("backup", label);
        out.put("system_identifier", system);
        out.put("timeline", timeline);
        out.put("recovery_target", new java.util.TreeMap<>(settings));
        out.put("start_lsn", start.toString());
        out.put("end_lsn", end.toString());
        out.put("copy_bytes", copyBytes);
        out.put("wal_bytes", walBytes);
        out.put("needed_bytes", neededBytes());
        out.put(
                "wal",
                wal.stream()
                        .map(n -> n.name() + (n.partial() ? ".partial" : ""))
                        .toList());
        out.put("warnings", warnings);
        return out;
    }

    /** @throws JsonException if it is not what {@link #document} wrote */
    static Plan parse(JsonObject in) {
        var settings = new LinkedHashMap<String, String>();
        need("recovery_target", in.object("recovery_target"))
                .values()
                .forEach((key, value) -> settings.put(key, String.valueOf(value)));
        var wal = new ArrayList<Needed>();
        for (Object one : need("wal", in.array("wal"))) {
            var text = String.valueOf(one);
            var name = need("wal", SegmentName.of(text.replace(".partial", "")));
            wal.add(new Needed(name, text.endsWith(".partial")));
        }
        return new Plan(
                need("backup", in.string("backup")),
                need("system_identifier", in.string("system_identifier")),
                need("timeline", in.string("timeline")),
                settings,
                wal,
                Lsn.parse(need("start_lsn", in.string("start_lsn"))),
                Lsn.parse(need("end_lsn", in.string("end_lsn"))),
                need("copy_bytes", in.number("copy_bytes")),
                need("wal_bytes", in.number("wal_bytes")),
                need("warnings", in.array("warnings")).stream()
                        .map(String::valueOf)
                        .toList());
    }

    private static <T> T need(String key, Optional<T> value) {
        return value.orElseThrow(() -> new JsonException("\"" + key + "\" of a plan is missing or of another kind"));
    }
}
