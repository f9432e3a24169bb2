package io.matriarch.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keys of the dynamic configuration: their form, default and limits. One table for reading and for checking. */
final class DynamicKeys {

    /**
     * A whole number.
     *
     * @param unit of a bare number, if units may be written; else empty
     * @param otherwise Patroni's default
     * @param least smaller values are raised to it
     * @param patroniLeast the same, in a cluster with a member that is not Matriarch
     */
    record Whole(String unit, long otherwise, long least, long patroniLeast) {

        long least(boolean foreignMembers) {
            return foreignMembers ? patroniLeast : least;
        }
    }

    static final Map<String, Whole> WHOLE = wholes();

    static final Set<String> FLAGS = Set.of("check_timeline", "synchronous_mode_strict", "failsafe_mode", "pause");

    /** Older names that still count when the newer one is absent. */
    static final Map<String, String> LEGACY =
            Map.of("primary_start_timeout", "master_start_timeout", "primary_stop_timeout", "master_stop_timeout");

    static final List<String> SLOT_KEYS = List.of("permanent_replication_slots", "permanent_slots", "slots");

    static final Set<String> STANDBY_CLUSTER = Set.of(
            "host",
            "port",
            "primary_slot_name",
            "create_replica_methods",
            "restore_command",
            "archive_cleanup_command",
            "recovery_min_apply_delay");

    private DynamicKeys() {}

    private static Map<String, Whole> wholes() {
        Map<String, Whole> keys = new LinkedHashMap<>();
        keys.put("ttl", new Whole("", 30, 3, 20));
        keys.put("loop_wait", new Whole("", 10, 1, 1));
        keys.put("retry_timeout", new Whole("", 10, 1, 3));
        keys.put("maximum_lag_on_failover", new Whole("", 1L << 20, 0, 0));
        keys.put("maximum_lag_on_syncnode", new Whole("", -1, -1, -1));
        keys.put("max_timelines_history", new Whole("", 0, 0, 0));
        keys.put("primary_start_timeout", new Whole("", 300, 0, 0));
        keys.put("primary_stop_timeout", new Whole("", 0, 0, 0));
        keys.put("primary_race_backoff", new Whole("", 0, 0, 0));
        keys.put("synchronous_node_count", new Whole("", 1, 0, 0));
        keys.put("member_slots_ttl", new Whole("s", 1800, 0, 0));
        return Collections.unmodifiableMap(keys);
    }
}
