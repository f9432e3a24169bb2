package io.matriarch.ha.adapter.etcd;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What etcd holds as far as we know: what the last reading showed, and what we wrote since. Spares writes that would change nothing.
 * Several threads read: of an answer that is older than what is known already nothing is believed. When the mirror is wrong all the same, the next
 * reading corrects it, and the write is made one cycle later. Thread safe.
 */
final class Mirror {
    private final Map<String, Held> held = new HashMap<>();
    private final Map<String, Long> touched = new HashMap<>();
    private long touches;
    private long newest;

    private record Held(String value, long lease) {}

    /** To be taken before a reading is sent: of keys that are written from here on it may not know. */
    synchronized long mark() {
        return touches;
    }

    /** What a reading showed, at etcd's {@code revision}. */
    synchronized void show(List<RawKey> keys, long revision, long mark) {
        boolean backwards = revision < newest;
        newest = revision;
        if (backwards) {
            // Another answer came first, or etcd was restored from a copy: which of both, only the next reading tells.
            held.clear();
            return;
        }
        var shown = keys.stream().map(RawKey::name).collect(Collectors.toSet());
        held.keySet().removeIf(name -> !shown.contains(name) && isKnownAt(mark, name));
        keys.stream()
                .filter(key -> isKnownAt(mark, key.name()))
                .forEach(key -> held.put(key.name(), new Held(key.value(), key.lease())));
    }

    private boolean isKnownAt(long mark, String key) {
        return touched.getOrDefault(key, 0L) <= mark;
    }

    synchronized boolean holds(String key, String value, long lease) {
        return Optional.ofNullable(held.get(key))
                .filter(new Held(value, lease)::equals)
                .isPresent();
    }

    synchronized void wrote(String key, String value, long lease) {
        touched.put(key, ++touches);
        held.put(key, new Held(value, lease));
    }

    /** A write is on its way, the key was deleted, or a write ended without an answer. */
    synchronized void forget(String key) {
        touched.put(key, ++touches);
        held.remove(key);
    }
}
