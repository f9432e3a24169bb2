package io.matriarch.ha.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The {@code status} key that the leader keeps.
 *
 * @param optime the leader's WAL position; empty when the key is missing
 * @param slots position by slot name on the leader
 * @param retainSlots member slots kept though their member is away
 */
public record ClusterStatus(Optional<Lsn> optime, Map<String, Lsn> slots, List<String> retainSlots) {
    public static final ClusterStatus UNKNOWN = new ClusterStatus(Optional.empty(), Map.of(), List.of());

    public ClusterStatus {
        slots = java.util.Collections.unmodifiableMap(new TreeMap<>(slots));
        retainSlots = List.copyOf(retainSlots);
    }
}
