package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import java.util.Map;
import java.util.Optional;

/** Patroni's deep merge: used for {@code PATCH /config}, for the files of a directory and for the environment. */
public final class ConfigPatch {

    private ConfigPatch() {}

    /**
     * {@code base} with {@code patch} laid over it. Maps merge, {@code null} removes a key, all else replaces. A value
     * that reads the same ({@code 5} and {@code "5"}) is left as it was, so that nothing changes for its sake. A
     * {@code null} inside a map that is new as a whole stays: a slot may be declared that way.
     */
    public static Mapping apply(Mapping base, Mapping patch) {
        Mapping result = base;
        for (Map.Entry<String, Node> entry : patch.entries().entrySet()) {
            String key = entry.getKey();
            Node value = entry.getValue();
            Node old = base.entries().get(key);
            if (value.isNull()) {
                result = result.without(key);
            } else if (old instanceof Mapping inner && value instanceof Mapping change) {
                result = result.with(key, apply(inner, change));
            } else if (old == null || !readsTheSame(old, value)) {
                result = result.with(key, value);
            }
        }
        return result;
    }

    /**
     * {@link #apply} on JSON texts, as {@code PATCH /config} needs it.
     *
     * @param stored the value of {@code config}; one that is no JSON object counts as empty
     * @param patch the request's body
     * @return the new value as compact JSON; empty if {@code patch} is no JSON object
     */
    public static Optional<String> applyJson(String stored, String patch) {
        Mapping base = DynamicConfig.object(stored).orElse(Mapping.EMPTY);
        return DynamicConfig.object(patch).map(change -> NodeJson.write(apply(base, change)));
    }

    private static boolean readsTheSame(Node old, Node value) {
        if (old instanceof Scalar before && value instanceof Scalar after) {
            return before.text().equals(after.text()) && before.isNull() == after.isNull();
        }
        return old.sameAs(value);
    }
}
