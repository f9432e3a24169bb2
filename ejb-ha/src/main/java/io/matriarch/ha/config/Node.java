package io.matriarch.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A YAML or JSON value as it was written, with its place. Immutable, and without nulls: an empty value is a
 * {@link Scalar} of kind {@link Kind#NULL}.
 */
public sealed interface Node {

    /** Where the value stands. */
    Location at();

    /** True for a written {@code null}, {@code ~} or nothing at all. */
    default boolean isNull() {
        return this instanceof Scalar scalar && scalar.kind() == Kind.NULL;
    }

    /** The same value regardless of where it was written; numbers compare by value. */
    default boolean sameAs(Node other) {
        return NodeJson.write(this).equals(NodeJson.write(other));
    }

    /** What a scalar is, by YAML 1.1's rules as Patroni reads them ({@code on} is a boolean). */
    enum Kind {
        NULL,
        FLAG,
        INTEGER,
        DECIMAL,
        TEXT
    }

    /**
     * One value.
     *
     * @param kind what it is
     * @param text the value as written, without quotes; {@code true} or {@code false} for {@link Kind#FLAG}
     */
    record Scalar(Kind kind, String text, Location at) implements Node {

        public static final Scalar NULL = new Scalar(Kind.NULL, "", Location.NOWHERE);

        /** Names the kind only: the text may be a password. */
        @Override
        public String toString() {
            return kind + " at " + at;
        }

        /** A text, never taken for a number or a boolean. */
        public static Scalar text(String text) {
            return new Scalar(Kind.TEXT, text, Location.NOWHERE);
        }

        public static Scalar number(long number) {
            return new Scalar(Kind.INTEGER, Long.toString(number), Location.NOWHERE);
        }

        public static Scalar flag(boolean flag) {
            return new Scalar(Kind.FLAG, Boolean.toString(flag), Location.NOWHERE);
        }
    }

    /** A sequence. */
    record Sequence(List<Node> items, Location at) implements Node {

        public Sequence {
            items = List.copyOf(items);
        }
    }

    /**
     * A mapping in written order.
     *
     * @param entries the values by key
     * @param keyAt where each key stands; a key may be missing here if nobody wrote it
     */
    record Mapping(Map<String, Node> entries, Map<String, Location> keyAt, Location at) implements Node {

        public static final Mapping EMPTY = new Mapping(Map.of(), Map.of(), Location.NOWHERE);

        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
            keyAt = Map.copyOf(keyAt);
        }

        /** A mapping that no file holds. */
        public static Mapping of(Map<String, Node> entries) {
            return new Mapping(entries, Map.of(), Location.NOWHERE);
        }

        public Optional<Node> get(String key) {
            return Optional.ofNullable(entries.get(key));
        }

        /** The mapping below {@code key}; empty if there is none or it is something else. */
        public Mapping mapping(String key) {
            return entries.get(key) instanceof Mapping mapping ? mapping : EMPTY;
        }

        /** Where {@code key} was written, else where its value or this mapping begins. */
        public Location locate(String key) {
            Location known = keyAt.get(key);
            return known != null ? known : get(key).map(Node::at).orElse(at);
        }

        /** A copy with {@code key} set to {@code value}. */
        public Mapping with(String key, Node value) {
            Map<String, Node> changed = new LinkedHashMap<>(entries);
            changed.put(key, value);
            Map<String, Location> places = new LinkedHashMap<>(keyAt);
            places.put(key, value.at());
            return new Mapping(changed, places, at);
        }

        /** A copy without {@code key}. */
        public Mapping without(String key) {
            Map<String, Node> changed = new LinkedHashMap<>(entries);
            changed.remove(key);
            Map<String, Location> places = new LinkedHashMap<>(keyAt);
            places.remove(key);
            return new Mapping(changed, places, at);
        }

        @Override
        public String toString() {
            return entries.keySet().stream().collect(Collectors.joining(", ", "{", "}"));
        }
    }
}
