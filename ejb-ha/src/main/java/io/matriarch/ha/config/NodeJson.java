package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonException;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link Node} trees from and to JSON. */
final class NodeJson {

    private NodeJson() {}

    /** The value of {@code json}; empty if it is not exactly one well-formed value. */
    static Optional<Node> parse(String json) {
        try {
            return Optional.of(node(Json.parse(json)));
        } catch (JsonException e) {
            return Optional.empty();
        }
    }

    /** Compact JSON in the order of the tree. */
    static String write(Node node) {
        return Json.compact(plain(node));
    }

    private static Node node(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Node> entries = new LinkedHashMap<>();
            map.forEach((key, inner) -> entries.put(String.valueOf(key), node(inner)));
            return Mapping.of(entries);
        }
        if (value instanceof List<?> list) {
            return new Sequence(list.stream().map(NodeJson::node).toList(), Location.NOWHERE);
        }
        if (value instanceof Boolean flag) {
            return Scalar.flag(flag);
        }
        if (value instanceof Number number) {
            return new Scalar(
                    number instanceof Double ? Kind.DECIMAL : Kind.INTEGER, number.toString(), Location.NOWHERE);
        }
        return value == Json.NULL ? Scalar.NULL : Scalar.text(value.toString());
    }

    private static Object plain(Node node) {
        return switch (node) {
            case Mapping mapping -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                mapping.entries().forEach((key, value) -> plain.put(key, plain(value)));
                yield plain;
            }
            case Sequence sequence ->
                sequence.items().stream().map(NodeJson::plain).toList();
            case Scalar scalar ->
                switch (scalar.kind()) {
                    case NULL -> Json.NULL;
                    case FLAG -> Boolean.valueOf(scalar.text());
                    case INTEGER -> new BigInteger(scalar.text());
                    case DECIMAL -> decimal(scalar.text());
                    case TEXT -> scalar.text();
                };
        };
    }

    /** A number too large for JSON's readers stays text. */
    private static Object decimal(String text) {
        double value = Double.parseDouble(text);
        return Double.isInfinite(value) ? text : value;
    }
}
