package io.matriarch.ha.json;

import java.util.Optional;

/**
 * Reads and writes JSON. A value is a {@code Map<String, Object>} in the order of the text, a {@code List<Object>}, a {@code String}, a
 * {@code Long} (a {@code BigInteger} beyond it), a {@code Double}, a {@code Boolean} or {@link #NULL}; never a Java {@code null}.
 */
public final class Json {
    /** JSON's {@code null}, for maps and lists cannot hold Java's. */
    public static final Object NULL = Null.NULL;

    private Json() {}

    /**
     * Reads one value.
     *
     * @throws JsonException if the text is not exactly one JSON value, or nested deeper than {@value JsonReader#MAX_DEPTH}
     */
    public static Object parse(String text) {
        return new JsonReader(text).document();
    }

    /**
     * Reads an object.
     *
     * @throws JsonException if the text is no JSON object
     */
    public static JsonObject parseObject(String text) {
        return JsonObject.of(parse(text)).orElseThrow(() -> new JsonException("not a JSON object"));
    }

    /** Reads an object; empty when the text is anything else. */
    public static Optional<JsonObject> tryParseObject(String text) {
        try {
            return JsonObject.of(parse(text));
        } catch (JsonException e) {
            return Optional.empty();
        }
    }

    /**
     * Writes without blanks, ASCII only, as Patroni writes its keys in etcd. Besides what {@link #parse} returns it takes every
     * {@code Map} with text keys, {@code Iterable}, {@code Number}, {@link JsonObject}, and {@code Optional} (empty becomes null).
     *
     * @throws IllegalArgumentException for a value of another class, or a number that JSON cannot say
     */
    public static String compact(Object value) {
        return new JsonWriter(",", ":").write(value);
    }

    /** Writes with {@code ", "} and {@code ": "}, ASCII only, as Patroni's REST API does; takes what {@link #compact} takes. */
    public static String spaced(Object value) {
        return new JsonWriter(", ", ": ").write(value);
    }

    private enum Null {
        NULL;

        @Override
        public String toString() {
            return "null";
        }
    }
}
