package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Scalar;
import io.matriarch.ha.model.Tags;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads section {@code tags} into the form that is published, by Patroni's rules. */
final class TagsReader {

    private static final List<String> FLAGS = List.of("clonefrom", "nofailover", "noloadbalance", "nosync", "nostream");
    private static final List<String> PRIORITIES = List.of("failover_priority", "sync_priority");

    private TagsReader() {}

    static Tags read(Section root) {
        Section section = root.section("tags");
        Map<String, String> published = new TreeMap<>();
        for (String name : section.keys()) {
            Optional<Scalar> value = section.scalar(name, "one value");
            if (FLAGS.contains(name)) {
                section.flag(name)
                        .filter(flag -> flag || besidePriority(section, name))
                        .ifPresent(flag -> published.put(name, flag.toString()));
            } else if (PRIORITIES.contains(name)) {
                section.whole(name, "", Integer.MIN_VALUE, Integer.MAX_VALUE)
                        .ifPresent(number -> published.put(name, number.toString()));
            } else {
                value.filter(scalar -> scalar.kind() != Kind.NULL)
                        .ifPresent(scalar -> published.put(name, scalar.text()));
                NearestKey.of(name, FLAGS)
                        .or(() -> NearestKey.of(name, PRIORITIES))
                        .or(() -> NearestKey.of(name, List.of("replicatefrom")))
                        .filter(near -> !near.equals(name))
                        .ifPresent(near -> section.warn(
                                name, "is published as a tag of your own; did you mean \"" + near + "\"?"));
            }
        }
        contradiction(section, "nofailover", "failover_priority");
        contradiction(section, "nosync", "sync_priority");
        return new Tags(published);
    }

    /** A false flag is said only where it overrules a priority. */
    private static boolean besidePriority(Section section, String flag) {
        return flag.equals("nofailover") && section.has("failover_priority")
                || flag.equals("nosync") && section.has("sync_priority");
    }

    private static void contradiction(Section section, String flag, String priority) {
        if (!section.has(flag) || !section.has(priority)) {
            return;
        }
        boolean off = section.flag(flag, false);
        boolean never = section.whole(priority, 1, Integer.MIN_VALUE, Integer.MAX_VALUE) <= 0;
        if (off != never) {
            section.warn(flag, "contradicts " + priority + "; " + flag + " wins");
        }
    }
}
