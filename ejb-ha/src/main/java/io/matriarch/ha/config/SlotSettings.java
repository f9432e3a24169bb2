package io.matriarch.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the dynamic configuration says about replication slots.
 *
 * @param permanent slots to keep, by name
 * @param ignored slots that match one of these are never dropped
 * @param useSlots whether replicas stream from slots
 */
public record SlotSettings(Map<String, Slot> permanent, List<Match> ignored, boolean useSlots) {

    public SlotSettings {
        permanent = Collections.unmodifiableMap(new LinkedHashMap<>(permanent));
        ignored = List.copyOf(ignored);
    }

    /** A slot's kind. */
    public enum Type {
        PHYSICAL,
        LOGICAL
    }

    /**
     * A permanent slot.
     *
     * @param database logical only
     * @param plugin logical only
     * @param clusterType {@code primary} or {@code standby}: only in a cluster of this kind; empty: in both
     */
    public record Slot(Type type, Optional<String> database, Optional<String> plugin, Optional<String> clusterType) {}

    /** Matches a slot whose properties equal all that are given here; at least one is. */
    public record Match(
            Optional<String> name, Optional<String> type, Optional<String> database, Optional<String> plugin) {

        public boolean matches(
                String slotName, String slotType, Optional<String> slotDatabase, Optional<String> slotPlugin) {
            return name.map(slotName::equals).orElse(true)
                    && type.map(slotType::equals).orElse(true)
                    && (database.isEmpty() || database.equals(slotDatabase))
                    && (plugin.isEmpty() || plugin.equals(slotPlugin));
        }
    }
}
