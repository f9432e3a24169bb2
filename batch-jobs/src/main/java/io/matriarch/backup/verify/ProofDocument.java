package io.matriarch.backup.verify;

import io.matriarch.backup.repository.DamagedException;
import io.matriarch.backup.repository.Repository;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonException;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * What one verification saw, kept beside the backup as {@code proof-NNNN.json}: the next one compares with it.
 *
 * @param at when it ended
 * @param of the moment of the data: that it was replayed to, else the end of the backup
 * @param counts whether the backup counted after it: only with such a one is compared
 * @param replayed whether it was replayed to a moment behind the end of the backup
 * @param rows of each table, by {@code database.schema.table}
 * @param objects of each database, by kind and name: a digest of their definition
 * @param remarks for people: what was found, what was not checked, what is wrong
 */
public record ProofDocument(
        Instant at,
        Instant of,
        boolean counts,
        boolean replayed,
        Map<String, Long> rows,
        Map<String, String> objects,
        List<String> remarks) {

    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    public ProofDocument {
        rows = Map.copyOf(rows);
        objects = Map.copyOf(objects);
        remarks = List.copyOf(remarks);
    }

    /** As JSON. */
    String toJson() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("at", at.toString());
        out.put("of", of.toString());
        out.put("counts", counts);
        out.put("replayed", replayed);
        out.put("remarks", remarks);
        out.put("rows", new TreeMap<>(rows));
        out.put("objects", new TreeMap<>(objects));
        return Json.spaced(out);
    }

    /** What {@link #toJson} wrote; empty for anything else: then there is nothing to compare with. */
    static Optional<ProofDocument> parse(String json) {
        try {
            return Json.tryParseObject(json).map(ProofDocument::of);
        } catch (JsonException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The one of that name; empty too if it is gone, or none. Blocks as long as the repository does. */
    static Optional<ProofDocument> read(Repository repository, String name) throws IOException {
        var stored = repository.open(name);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try (var in = stored.get()) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (DamagedException e) {
            // What it saw is lost; that must not keep anybody from looking anew.
            LOG.warnf("[proof-damaged] %s: %s", name, e.getMessage());
            return Optional.empty();
        }
    }

    private static ProofDocument of(JsonObject in) {
        var rows = new LinkedHashMap<String, Long>();
        in.object("rows")
                .ifPresent(all -> all.values()
                        .keySet()
                        .forEach(name -> all.number(name).ifPresent(count -> rows.put(name, count))));
        var objects = new LinkedHashMap<String, String>();
        in.object("objects")
                .ifPresent(all -> all.values()
                        .keySet()
                        .forEach(name -> all.string(name).ifPresent(digest -> objects.put(name, digest))));
        return new ProofDocument(
                Instant.parse(in.string("at").orElse("")),
                Instant.parse(in.string("of").orElse("")),
                in.is("counts"),
                in.is("replayed"),
                rows,
                objects,
                in.array("remarks").orElse(List.of()).stream()
                        .map(String::valueOf)
                        .toList());
    }
}
