package io.matriarch.ha.json;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object as others wrote it: every question is answered by {@code Optional}, and a value of an unexpected kind is as good as
 * absent.
 *
 * @param values as {@link Json#parse} returns them, in the order of the text; not copied
 */
public record JsonObject(Map<String, Object> values) {

    /** The value as an object; empty when it is something else. */
    @SuppressWarnings("unchecked") // maps of JsonReader have text keys and no nulls
    public static Optional<JsonObject> of(Object value) {
        return value instanceof Map<?, ?> map
                ? Optional.of(new JsonObject((Map<String, Object>) map))
                : Optional.empty();
    }

    /** Whether the key is there, even with null. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The value of any kind; empty when absent or null. */
    public Optional<Object> get(String key) {
        return Optional.ofNullable(values.get(key)).filter(v -> v != Json.NULL);
    }

    /** The text; empty when absent or not a text. */
    public Optional<String> string(String key) {
        return get(key).filter(String.class::isInstance).map(String.class::cast);
    }

    /** The whole number; decimal digits in a text and a fraction of zero count as one (Python's int() takes them too). */
    public Optional<Long> number(String key) {
        return get(key).flatMap(JsonObject::asLong);
    }

    /** The truth value; empty when absent or not {@code true} or {@code false}. */
    public Optional<Boolean> bool(String key) {
        return get(key).filter(Boolean.class::isInstance).map(Boolean.class::cast);
    }

    /** Whether the value is {@code true}. */
    public boolean is(String key) {
        return bool(key).orElse(false);
    }

    public Optional<JsonObject> object(String key) {
        return get(key).flatMap(JsonObject::of);
    }

    public Optional<List<Object>> array(String key) {
        return get(key).flatMap(JsonObject::asList);
    }

    /** The value as a list; empty when it is something else. */
    @SuppressWarnings("unchecked") // lists of JsonReader have no nulls
    public static Optional<List<Object>> asList(Object value) {
        return value instanceof List<?> list ? Optional.of((List<Object>) list) : Optional.empty();
    }

    /** The value as a whole number, also when it is a text of digits; empty when it is something else or beyond a {@code long}. */
    public static Optional<Long> asLong(Object value) {
        if (value instanceof Long || value instanceof Integer) {
            return Optional.of(((Number) value).longValue());
        }
        if (value instanceof Double d && d == Math.rint(d) && Math.abs(d) < Long.MAX_VALUE) {
            return Optional.of(d.longValue());
        }
        if (value instanceof BigInteger) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            try {
                return Optional.of(Long.parseLong(text.strip()));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
