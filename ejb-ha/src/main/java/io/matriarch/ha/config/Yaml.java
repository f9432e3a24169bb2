package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.config.Node.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML document into a {@link Node} tree that knows where each value stands. Safe for any input: no types are
 * constructed, and size, depth and the growth by aliases are bounded.
 */
final class Yaml {

    /** Bytes of text that a configuration may have; a real one has a few thousand. */
    static final int SIZE_LIMIT = 1 << 20;

    private static final int NODE_LIMIT = 100_000;
    private static final int DEPTH_LIMIT = 50;
    private static final String STANDARD_TAG = "tag:yaml.org,2002:";

    private final String source;
    private final Problems problems;
    private final Iterator<Event> events;
    private final Map<Anchor, Node> anchors = new HashMap<>();
    private final Map<Node, Integer> sizes = new IdentityHashMap<>();
    private int nodes;

    private Yaml(String text, String source, Problems problems) {
        this.source = source;
        this.problems = problems;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source)
                .setCodePointLimit(SIZE_LIMIT)
                .setUseMarks(true)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /**
     * Reads {@code text}; an empty document is an empty mapping. Doubled keys become warnings (the last one counts).
     *
     * @param source the file's name, for messages
     * @throws ConfigException if it is not one well-formed document; exactly one problem, with line and column
     */
    static Node read(String text, String source, Problems problems) {
        if (text.length() > SIZE_LIMIT) {
            throw broken(source, "is larger than " + SIZE_LIMIT + " characters", new Location(source, 1, 1));
        }
        try {
            return new Yaml(text, source, problems).document();
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            throw broken(
                    source,
                    context + e.getProblem(),
                    mark.map(m -> at(source, m)).orElse(new Location(source, 1, 1)));
        } catch (YamlEngineException | IndexOutOfBoundsException e) {
            throw broken(source, firstLine(e), new Location(source, 1, 1));
        }
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("cannot be read");
    }

    private static ConfigException broken(String source, String what, Location at) {
        String place = at.line() == 0 ? "" : " (line " + at.line() + ", column " + at.column() + ")";
        return new ConfigException(List.of(Problem.error(
                "", "broken YAML" + place + ": " + what.replace('\n', ' ').strip(), at)));
    }

    private static Location at(String source, Mark mark) {
        return new Location(source, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private Location at(Event event) {
        return event.getStartMark().map(mark -> at(source, mark)).orElse(new Location(source, 1, 1));
    }

    private Node document() {
        Node root = Mapping.EMPTY;
        boolean found = false;
        while (events.hasNext()) {
            Event event = events.next();
            switch (event.getEventId()) {
                case DocumentStart -> {
                    if (found) {
                        throw broken(source, "a second document begins; one is allowed", at(event));
                    }
                    root = node(events.next(), 0);
                    found = true;
                }
                default -> {}
            }
        }
        return root.isNull() ? new Mapping(Map.of(), Map.of(), new Location(source, 1, 1)) : root;
    }

    private Node node(Event event, int depth) {
        if (depth > DEPTH_LIMIT) {
            throw broken(source, "nested deeper than " + DEPTH_LIMIT + " levels", at(event));
        }
        count(1, event);
        if (event instanceof AliasEvent alias) {
            Node known = anchors.get(alias.getAlias());
            if (known == null) {
                throw broken(source, "*" + alias.getAlias() + " refers to no earlier anchor", at(event));
            }
            count(sizes.getOrDefault(known, 1), event);
            return known;
        }
        int before = nodes;
        Node node = switch (event) {
            case ScalarEvent scalar -> scalar(scalar);
            case SequenceStartEvent start -> sequence(start, depth);
            case MappingStartEvent start -> mapping(start, depth);
            default -> throw broken(source, "unexpected " + event.getEventId(), at(event));
        };
        if (event instanceof NodeEvent anchored && anchored.getAnchor().isPresent()) {
            anchors.put(anchored.getAnchor().get(), node);
            sizes.put(node, nodes - before + 1);
        }
        return node;
    }

    private void count(int more, Event event) {
        nodes += more;
        if (nodes > NODE_LIMIT) {
            throw broken(source, "more than " + NODE_LIMIT + " values once the aliases are expanded", at(event));
        }
    }

    private Node scalar(ScalarEvent event) {
        Location at = at(event);
        String tag = event.getTag().orElse("");
        if (tag.isEmpty()) {
            return event.isPlain()
                    ? ScalarRules.plain(event.getValue(), at)
                    : new Scalar(Node.Kind.TEXT, event.getValue(), at);
        }
        return switch (tag) {
            case "!", STANDARD_TAG + "str" -> new Scalar(Node.Kind.TEXT, event.getValue(), at);
            case STANDARD_TAG + "int", STANDARD_TAG + "bool", STANDARD_TAG + "float", STANDARD_TAG + "null" ->
                ScalarRules.plain(event.getValue(), at);
            default -> throw broken(source, "the tag " + tag + " is not allowed", at);
        };
    }

    private Node sequence(SequenceStartEvent start, int depth) {
        List<Node> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Sequence(items, at(start));
    }

    private Node mapping(MappingStartEvent start, int depth) {
        Map<String, Node> entries = new LinkedHashMap<>();
        Map<String, Location> keyAt = new LinkedHashMap<>();
        List<Mapping> merged = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            Location keyPlace = at(event);
            if (!(node(event, depth + 1) instanceof Scalar scalar)) {
                throw broken(source, "a key must be a single word, not a list or a map", keyPlace);
            }
            String key = scalar.isNull() && event instanceof ScalarEvent written ? written.getValue() : scalar.text();
            Node value = node(events.next(), depth + 1);
            if (key.equals("<<") && event instanceof ScalarEvent written && written.isPlain()) {
                mergeSources(value, merged);
            } else {
                Location first = keyAt.get(key);
                if (first != null) {
                    problems.warn(
                            key,
                            "stands twice in the same map (first on line " + first.line() + "); the last one counts",
                            keyPlace);
                }
                entries.put(key, value);
                keyAt.put(key, keyPlace);
            }
        }
        for (Mapping mapping : merged) {
            mapping.entries().forEach((key, value) -> {
                if (entries.putIfAbsent(key, value) == null) {
                    keyAt.put(key, mapping.locate(key));
                }
            });
        }
        return new Mapping(entries, keyAt, at(start));
    }

    private void mergeSources(Node value, List<Mapping> merged) {
        switch (value) {
            case Mapping mapping -> merged.add(mapping);
            case Sequence sequence -> sequence.items().forEach(item -> mergeSources(item, merged));
            case Scalar scalar -> throw broken(source, "<< needs a map", scalar.at());
        }
    }
}
