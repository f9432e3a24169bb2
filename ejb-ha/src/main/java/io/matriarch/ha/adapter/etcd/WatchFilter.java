package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which changes are worth a wake-up. Positions move with every commit: if each member woke at each other's positions and then published
 * its own, a busy cluster would turn its loops without end.
 */
final class WatchFilter {
    private static final Set<String> IGNORED = Set.of(Keys.STATUS, Keys.LEGACY_OPTIME);
    private static final Set<String> MOVING = Set.of("xlog_location", "receive_lsn", "replay_lsn", "wal_free_bytes");

    private final Map<String, Map<String, Object>> settled = new HashMap<>();

    /** Whether the put of this value changes more than a position. */
    boolean putMatters(String key, String value) {
        if (isIgnored(key)) {
            return false;
        }
        if (Keys.memberOf(key).isEmpty()) {
            return true;
        }
        Optional<Map<String, Object>> now =
                Json.tryParseObject(value).map(JsonObject::values).map(WatchFilter::standing);
        if (now.isEmpty()) {
            settled.remove(key);
            return true;
        }
        return !now.get().equals(settled.put(key, now.get()));
    }

    boolean deleteMatters(String key) {
        settled.remove(key);
        return !isIgnored(key);
    }

    private static boolean isIgnored(String key) {
        return IGNORED.contains(key) || key.startsWith(Keys.MANAGER);
    }

    private static Map<String, Object> standing(Map<String, Object> report) {
        Map<String, Object> out = new LinkedHashMap<>(report);
        out.keySet().removeAll(MOVING);
        return out;
    }
}
