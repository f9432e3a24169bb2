package io.matriarch.backup.catalogue;

import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.catalogue.Catalogue.Listing;
import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.api.Coordination.Licence;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.ha.model.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A copy of the catalogue in etcd, where whoever may delete files of the repository cannot reach it: what is missing there is found out. The
 * repository is the truth; an etcd that was lost is filled from it again.
 */
public final class CatalogueCopy {
    private static final String FOLDER = "catalogue/";
    private static final String DELETING = "DELETING";

    private final Coordination etcd;

    public CatalogueCopy(Coordination etcd) {
        this.etcd = etcd;
    }

    /**
     * How the copy and the repository differ: backups that etcd knows and the repository does not hold. Blocks.
     *
     * @return one sentence, empty when they agree
     */
    public Optional<String> missing(Listing listing) throws IOException {
        var missing = lost(read(), listing);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("etcd knows of " + String.join(", ", missing)
                        + ", which the repository does not hold; if they were removed on purpose, say so with:"
                        + " matriarch backups rebuild");
    }

    private static List<String> lost(Map<String, String> copy, Listing listing) {
        return copy.entrySet().stream()
                .filter(e -> !state(e.getValue()).equals(DELETING))
                .map(Map.Entry::getKey)
                .filter(label -> listing.find(label).isEmpty())
                .filter(label -> !listing.deleting().contains(label))
                .toList();
    }

    /** Brings what the repository holds into the copy; forgets nothing but what was deleted by rule. Blocks. */
    public void follow(Listing listing, Licence licence) throws IOException {
        var copy = read();
        for (var entry : listing.entries()) {
            var label = entry.description().label();
            var card = card(entry);
            var known = Optional.ofNullable(copy.get(label));
            // A listing may be older than a deletion: what was said to go does not come back.
            boolean goes = known.filter(k -> state(k).equals(DELETING)).isPresent();
            if (!goes && !known.equals(Optional.of(card))) {
                require(etcd.put(FOLDER + label, card, licence));
            }
        }
        for (var known : copy.entrySet()) {
            if (state(known.getValue()).equals(DELETING)
                    && listing.find(known.getKey()).isEmpty()
                    && !listing.deleting().contains(known.getKey())) {
                require(etcd.delete(FOLDER + known.getKey(), licence));
            }
        }
    }

    /** Makes the copy what the repository holds, whatever it was. Blocks. @return labels that the copy forgot */
    public List<String> rebuild(Listing listing, Licence licence) throws IOException {
        var forgotten = new ArrayList<String>();
        for (var label : lost(read(), listing)) {
            require(etcd.delete(FOLDER + label, licence));
            forgotten.add(label);
        }
        follow(listing, licence);
        return forgotten;
    }

    /** Says before a deletion that it is meant; {@link #follow} forgets it when it is done. Blocks. */
    public void deleting(String label, Licence licence) throws IOException {
        require(etcd.put(FOLDER + label, Json.compact(Map.of("state", DELETING)), licence));
    }

    private Map<String, String> read() throws IOException {
        return etcd.list(FOLDER).stream()
                .collect(Collectors.toMap(
                        e -> e.name().substring(FOLDER.length()),
                        Coordination.Entry::value,
                        (a, b) -> b,
                        TreeMap::new));
    }

    private static String state(String card) {
        return Json.tryParseObject(card)
                .orElse(new JsonObject(Map.of()))
                .string("state")
                .orElse("");
    }

    private static String card(Entry entry) {
        var d = entry.description();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("state", entry.state().name());
        out.put("system", d.system().value());
        out.put("timeline", d.timeline().id());
        out.put("start_lsn", d.start().toString());
        out.put("stop_lsn", d.stop().toString());
        out.put("stopped_at", d.stoppedAt().toString());
        out.put("bytes", d.storedBytes());
        d.parent().ifPresent(label -> out.put("parent", label));
        return Json.compact(out);
    }

    private static void require(Outcome outcome) throws IOException {
        if (!outcome.isDone()) {
            throw new IOException("the catalogue in etcd is written by another manager now: " + outcome);
        }
    }
}
