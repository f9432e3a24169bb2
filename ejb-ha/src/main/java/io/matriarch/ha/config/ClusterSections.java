package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import io.matriarch.ha.config.SlotSettings.Match;
import io.matriarch.ha.config.SlotSettings.Slot;
import io.matriarch.ha.config.SlotSettings.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the dynamic configuration's slots and standby cluster, leniently: what cannot be used becomes a note. */
final class ClusterSections {

    private final Mapping stored;
    private final List<Note> notes;

    ClusterSections(Mapping stored, List<Note> notes) {
        this.stored = stored;
        this.notes = notes;
    }

    SlotSettings slots() {
        Map<String, Slot> permanent = new LinkedHashMap<>();
        DynamicKeys.SLOT_KEYS.stream()
                .filter(key -> stored.get(key).filter(node -> !node.isNull()).isPresent())
                .findFirst()
                .ifPresent(key -> {
                    if (!(stored.get(key).orElse(Scalar.NULL) instanceof Mapping mapping)) {
                        notes.add(new Note(key, "no map", "no slots", "a map from names to properties is wanted"));
                        return;
                    }
                    mapping.entries()
                            .forEach((name, node) ->
                                    slot(key + "." + name, node).ifPresent(slot -> permanent.put(name, slot)));
                });
        boolean useSlots = stored.mapping("postgresql")
                .get("use_slots")
                .flatMap(node -> node instanceof Scalar scalar ? Units.flag(scalar.text()) : Optional.empty())
                .orElse(true);
        return new SlotSettings(permanent, ignored(), useSlots);
    }

    private Optional<Slot> slot(String key, Node node) {
        if (!(node instanceof Mapping mapping)) {
            boolean physical = node instanceof Scalar scalar
                    && (scalar.kind() == Node.Kind.NULL || scalar.kind() == Node.Kind.INTEGER);
            if (!physical) {
                notes.add(new Note(key, NodeJson.write(node), "no slot", "an object or null is wanted"));
            }
            return physical
                    ? Optional.of(new Slot(Type.PHYSICAL, Optional.empty(), Optional.empty(), Optional.empty()))
                    : Optional.empty();
        }
        Optional<String> clusterType = text(mapping, "cluster_type");
        String type = text(mapping, "type").orElse(text(mapping, "plugin").isPresent() ? "logical" : "physical");
        if (type.equals("physical")) {
            return Optional.of(new Slot(Type.PHYSICAL, Optional.empty(), Optional.empty(), clusterType));
        }
        Optional<String> database = text(mapping, "database");
        Optional<String> plugin = text(mapping, "plugin");
        if (!type.equals("logical") || database.isEmpty() || plugin.isEmpty()) {
            notes.add(new Note(
                    key,
                    NodeJson.write(node),
                    "no slot",
                    "type physical, or type logical with database and plugin, is wanted"));
            return Optional.empty();
        }
        return Optional.of(new Slot(Type.LOGICAL, database, plugin, clusterType));
    }

    private List<Match> ignored() {
        List<Match> matches = new ArrayList<>();
        if (stored.get("ignore_slots").orElse(Scalar.NULL) instanceof Sequence sequence) {
            for (Node item : sequence.items()) {
                if (item instanceof Mapping mapping) {
                    Match match = new Match(
                            text(mapping, "name"),
                            text(mapping, "type"),
                            text(mapping, "database"),
                            text(mapping, "plugin"));
                    // One without any property would match, and so keep, every slot.
                    if (!match.equals(
                            new Match(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()))) {
                        matches.add(match);
                    }
                }
            }
        }
        return matches;
    }

    Optional<StandbyCluster> standbyCluster() {
        Mapping mapping = stored.mapping("standby_cluster");
        boolean active = Stream.of("host", "port", "restore_command")
                .anyMatch(key -> text(mapping, key).isPresent());
        if (!active) {
            return Optional.empty();
        }
        List<String> hosts = text(mapping, "host")
                .map(host -> Stream.of(host.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .toList())
                .orElse(List.of());
        Optional<Integer> port = text(mapping, "port").flatMap(text -> {
            var number = Units.whole(text, "");
            return number.isPresent() && number.getAsLong() >= 1 && number.getAsLong() <= 65_535
                    ? Optional.of((int) number.getAsLong())
                    : Optional.empty();
        });
        List<String> methods = mapping.get("create_replica_methods").orElse(Scalar.NULL) instanceof Sequence sequence
                ? sequence.items().stream()
                        .filter(Scalar.class::isInstance)
                        .map(item -> ((Scalar) item).text())
                        .toList()
                : List.of();
        return Optional.of(new StandbyCluster(
                hosts,
                port,
                text(mapping, "primary_slot_name"),
                text(mapping, "restore_command"),
                text(mapping, "archive_cleanup_command"),
                text(mapping, "recovery_min_apply_delay"),
                methods));
    }

    private static Optional<String> text(Mapping mapping, String key) {
        return mapping.get(key)
                .flatMap(node -> node instanceof Scalar scalar
                        ? Optional.of(scalar.text().strip())
                        : Optional.empty())
                .filter(text -> !text.isEmpty());
    }
}
