package io.matriarch.ha.adapter.etcd;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What etcd holds as far as we know: what the last reading showed, and what we wrote since. Spares writes that would change nothing.
 * When it is wrong, the next reading corrects it, and the write is made one cycle later.
 */
final class Mirror {
    private final Map<String, Held> held = new ConcurrentHashMap<>();

    private record Held(String value, long lease) {}

    void show(List<RawKey> keys) {
        held.keySet().retainAll(keys.stream().map(RawKey::name).toList());
        keys.forEach(key -> held.put(key.name(), new Held(key.value(), key.lease())));
    }

    boolean holds(String key, String value, long lease) {
        return Optional.ofNullable(held.get(key))
                .filter(new Held(value, lease)::equals)
                .isPresent();
    }

    void wrote(String key, String value, long lease) {
        held.put(key, new Held(value, lease));
    }

    /** The key was deleted, or a write ended without an answer. */
    void forget(String key) {
        held.remove(key);
    }
}
