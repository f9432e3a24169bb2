package io.matriarch.ha.json;

import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;

/** Writes one value. ASCII only, with Python's choice of escapes, so that a value that did not change stays the same text. */
final class JsonWriter {
    private final StringBuilder out = new StringBuilder(256);
    private final String comma;
    private final String colon;

    JsonWriter(String comma, String colon) {
        this.comma = comma;
        this.colon = colon;
    }

    String write(Object value) {
        value(value);
        return out.toString();
    }

    private void value(Object value) {
        if (value instanceof CharSequence text) {
            string(text);
        } else if (value instanceof Number number) {
            number(number);
        } else if (value instanceof Boolean || value == Json.NULL) {
            out.append(value);
        } else if (value instanceof Map<?, ?> map) {
            object(map);
        } else if (value instanceof Iterable<?> items) {
            array(items);
        } else if (value instanceof JsonObject object) {
            object(object.values());
        } else if (value instanceof Optional<?> optional) {
            value(optional.isPresent() ? optional.get() : Json.NULL);
        } else {
            throw new IllegalArgumentException(value.getClass() + " has no JSON form");
        }
    }

    private void object(Map<?, ?> map) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!first) {
                out.append(comma);
            }
            first = false;
            if (!(entry.getKey() instanceof CharSequence key)) {
                throw new IllegalArgumentException("a JSON key must be text");
            }
            string(key);
            out.append(colon);
            value(entry.getValue());
        }
        out.append('}');
    }

    private void array(Iterable<?> items) {
        out.append('[');
        boolean first = true;
        for (Object item : items) {
            if (!first) {
                out.append(comma);
            }
            first = false;
            value(item);
        }
        out.append(']');
    }

    private void number(Number number) {
        if (number instanceof Double || number instanceof Float) {
            double value = number.doubleValue();
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("JSON has no " + value);
            }
            out.append(value);
        } else if (number instanceof Long || number instanceof Integer || number instanceof BigInteger) {
            out.append(number);
        } else {
            throw new IllegalArgumentException(number.getClass() + " has no JSON form");
        }
    }

    private void string(CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> character(c);
            }
        }
        out.append('"');
    }

    private void character(char c) {
        if (c >= ' ' && c <= '~') {
            out.append(c);
        } else {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                out.append(Character.forDigit((c >> shift) & 0xF, 16));
            }
        }
    }
}
