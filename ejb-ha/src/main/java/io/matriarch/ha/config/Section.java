package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One map of the file while it is read: hands out checked values, reports what is wrong, and remembers which keys it was
 * asked for, so that {@link #close()} can warn of the others. A wrong value is reported and then treated as absent.
 */
final class Section implements AutoCloseable {

    private final String path;
    private final Mapping mapping;
    private final Problems problems;
    private final Set<String> known = new TreeSet<>();

    Section(String path, Mapping mapping, Problems problems) {
        this.path = path;
        this.mapping = mapping;
        this.problems = problems;
    }

    /** The whole dotted path of {@code key}. */
    String dotted(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    boolean has(String key) {
        known.add(key);
        return mapping.get(key).filter(node -> !node.isNull()).isPresent();
    }

    boolean isEmpty() {
        return mapping.entries().isEmpty();
    }

    Location locate(String key) {
        return mapping.locate(key);
    }

    Set<String> keys() {
        return mapping.entries().keySet();
    }

    /** The value as written; empty if there is none or it is null. */
    Optional<Node> node(String key) {
        known.add(key);
        return mapping.get(key).filter(node -> !node.isNull());
    }

    void error(String key, String message) {
        problems.error(dotted(key), message, locate(key));
    }

    void warn(String key, String message) {
        problems.warn(dotted(key), message, locate(key));
    }

    private <T> Optional<T> wrong(String key, Scalar value, String allowed) {
        error(key, "\"" + value.text() + "\" is not allowed; " + allowed);
        return Optional.empty();
    }

    Optional<Scalar> scalar(String key, String allowed) {
        return node(key).flatMap(node -> {
            if (node instanceof Scalar scalar) {
                return Optional.of(scalar);
            }
            error(key, "must be " + allowed + ", not a " + (node instanceof Mapping ? "map" : "list"));
            return Optional.empty();
        });
    }

    /** Text without surrounding blanks; empty if absent or blank. */
    Optional<String> text(String key) {
        return scalar(key, "text").map(scalar -> scalar.text().strip()).filter(text -> !text.isEmpty());
    }

    Optional<Secret> secret(String key) {
        return scalar(key, "text").flatMap(scalar -> {
            if (scalar.kind() == Kind.FLAG || scalar.kind() == Kind.DECIMAL) {
                warn(key, "should be put in quotes: YAML reads it as something else than text");
            }
            return scalar.text().isEmpty() ? Optional.empty() : Optional.of(Secret.of(scalar.text()));
        });
    }

    Optional<Boolean> flag(String key) {
        String allowed = "allowed: true, false (also on, off, yes, no, 1, 0)";
        return scalar(key, "true or false")
                .flatMap(scalar -> Units.flag(scalar.text()).or(() -> wrong(key, scalar, allowed)));
    }

    boolean flag(String key, boolean otherwise) {
        return flag(key).orElse(otherwise);
    }

    Optional<Long> whole(String key, String unit, long least, long most) {
        String range = most == Long.MAX_VALUE ? "at least " + least : "from " + least + " to " + most;
        String allowed = "a whole number " + range + (unit.isEmpty() ? "" : " (in " + unit + ")");
        return scalar(key, allowed).flatMap(scalar -> {
            var number = scalar.kind() == Kind.FLAG ? OptionalLong.empty() : Units.whole(scalar.text(), unit);
            if (number.isEmpty() || number.getAsLong() < least || number.getAsLong() > most) {
                return wrong(key, scalar, "allowed: " + allowed);
            }
            return Optional.of(number.getAsLong());
        });
    }

    int whole(String key, int otherwise, int least, int most) {
        return whole(key, "", least, most).map(Math::toIntExact).orElse(otherwise);
    }

    <T> Optional<T> parsed(String key, Function<String, Optional<T>> parser, String allowed) {
        return scalar(key, allowed)
                .flatMap(scalar ->
                        parser.apply(scalar.text().strip()).or(() -> wrong(key, scalar, "allowed: " + allowed)));
    }

    Optional<String> choice(String key, Collection<String> choices) {
        return parsed(key, text -> Optional.of(text).filter(choices::contains), String.join(", ", choices));
    }

    /** A path that must be absolute. */
    Optional<Path> absolutePath(String key) {
        return path(key, true, "an absolute path");
    }

    /** A path that must be absolute, unless it is something else that {@code allowed} says. */
    Optional<Path> absolutePath(String key, String allowed) {
        return path(key, true, allowed);
    }

    /** A path; a relative one counts from the working directory. */
    Optional<Path> path(String key) {
        return path(key, false, "a path");
    }

    private Optional<Path> path(String key, boolean absolute, String allowed) {
        return parsed(
                        key,
                        text -> {
                            try {
                                return Optional.of(Path.of(text))
                                        .filter(path -> !text.isEmpty() && (!absolute || path.isAbsolute()));
                            } catch (InvalidPathException e) {
                                return Optional.empty();
                            }
                        },
                        allowed)
                .map(Path::normalize);
    }

    Optional<HostPort> hostPort(String key, int defaultPort) {
        return parsed(key, text -> HostPort.parse(text, defaultPort), "host:port, the port from 1 to 65535");
    }

    /** A list of texts, or one text with commas. */
    List<String> words(String key) {
        return node(key)
                .map(node -> switch (node) {
                    case Scalar scalar ->
                        List.of(scalar.text().split(",")).stream()
                                .map(String::strip)
                                .filter(s -> !s.isEmpty())
                                .toList();
                    default -> texts(key);
                })
                .orElse(List.of());
    }

    /** A list of texts; each item is one line, commas included. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        node(key).ifPresent(node -> {
            if (!(node instanceof Sequence sequence)) {
                error(key, "must be a list (lines that begin with \"- \")");
                return;
            }
            for (Node item : sequence.items()) {
                if (item instanceof Scalar scalar && !scalar.isNull()) {
                    texts.add(scalar.text());
                } else if (!item.isNull()) {
                    problems.error(dotted(key), "each item must be one text", item.at());
                }
            }
        });
        return List.copyOf(texts);
    }

    /** A map from names to texts; {@code true} and {@code false} become PostgreSQL's {@code on} and {@code off}. */
    Map<String, String> textMap(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        section(key).mapping.entries().forEach((name, value) -> {
            if (value instanceof Scalar scalar) {
                if (!scalar.isNull()) {
                    texts.put(name, settingText(scalar));
                }
            } else {
                problems.error(dotted(key) + "." + name, "must be one value, not a list or a map", value.at());
            }
        });
        return Collections.unmodifiableMap(texts);
    }

    /** A scalar as a PostgreSQL setting. */
    static String settingText(Scalar scalar) {
        return scalar.kind() == Kind.FLAG ? (scalar.text().equals("true") ? "on" : "off") : scalar.text();
    }

    /** The map below {@code key}; an empty one if there is none. Its keys are not checked unless it is closed. */
    Section section(String key) {
        Node node = node(key).orElse(Mapping.EMPTY);
        if (node instanceof Mapping inner) {
            Mapping placed = inner == Mapping.EMPTY ? new Mapping(Map.of(), Map.of(), locate(key)) : inner;
            return new Section(dotted(key), placed, problems);
        }
        error(key, "must be a map (lines \"key: value\" below it)");
        return new Section(dotted(key), new Mapping(Map.of(), Map.of(), node.at()), problems);
    }

    Mapping mapping() {
        return mapping;
    }

    Problems problems() {
        return problems;
    }

    /** Keys that Patroni knows and that change nothing here. */
    void accept(String... keys) {
        known.addAll(List.of(keys));
    }

    /** Warns of every key that nobody asked for, with the nearest known one. */
    @Override
    public void close() {
        for (String key : mapping.entries().keySet()) {
            if (!known.contains(key)) {
                warn(
                        key,
                        "unknown key, ignored"
                                + NearestKey.of(key, known)
                                        .map(near -> "; did you mean \"" + near + "\"?")
                                        .orElseGet(() -> known.size() > 12
                                                ? ""
                                                : "; known here: "
                                                        + known.stream().collect(Collectors.joining(", "))));
            }
        }
    }
}
