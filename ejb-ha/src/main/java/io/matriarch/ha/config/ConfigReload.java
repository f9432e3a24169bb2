package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a changed file means for an agent that runs: which of its values hold from now on, and which wait for a restart of the agent. Those
 * that wait keep their old values, so that what the agent believes is what it does.
 *
 * @param tree the new file with the old values of what cannot be changed now
 * @param changed top-level sections in which something holds from now on
 * @param needRestart keys whose new values wait for a restart of the agent
 */
record ConfigReload(Mapping tree, List<String> changed, List<String> needRestart) {
    /** Who this member is, where it listens, and whom it talks to by connections that are open. */
    private static final List<String> FIXED = Stream.concat(
                    Stream.of(
                            "scope",
                            "namespace",
                            "name",
                            "etcd3",
                            "etcd",
                            "watchdog",
                            "restapi.listen",
                            "restapi.connect_address",
                            "restapi.verify_client",
                            "restapi.ciphers",
                            "matriarch.roles",
                            "matriarch.management"),
                    Stream.of(
                                    "listen",
                                    "connect_address",
                                    "proxy_address",
                                    "data_dir",
                                    "config_dir",
                                    "config_base_name",
                                    "bin_dir",
                                    "bin_name",
                                    "pgpass",
                                    "database",
                                    "use_unix_socket",
                                    "use_unix_socket_repl",
                                    "krbsrvname",
                                    "authentication")
                            .map(key -> "postgresql." + key))
            .toList();

    /** New files of these are taken; only whether the port speaks TLS at all is settled when it is opened. */
    private static final List<String> TLS =
            List.of("restapi.certfile", "restapi.keyfile", "restapi.keyfile_password", "restapi.cafile");

    ConfigReload {
        changed = List.copyOf(changed);
        needRestart = List.copyOf(needRestart);
    }

    static ConfigReload of(Mapping running, Mapping read) {
        Mapping tree = read;
        List<String> waiting = new ArrayList<>();
        for (String key : FIXED) {
            if (!same(find(running, key), find(read, key))) {
                waiting.add(key);
                tree = put(tree, key, find(running, key));
            }
        }
        if (find(running, TLS.get(0)).isPresent() != find(read, TLS.get(0)).isPresent()) {
            waiting.add(TLS.get(0));
            for (String key : TLS) {
                tree = put(tree, key, find(running, key));
            }
        }
        var changed = new TreeSet<>(running.entries().keySet());
        changed.addAll(tree.entries().keySet());
        Mapping used = tree;
        changed.removeIf(section -> same(find(running, section), find(used, section)));
        return new ConfigReload(tree, List.copyOf(changed), waiting);
    }

    private static boolean same(Optional<Node> one, Optional<Node> other) {
        return one.isPresent() && other.isPresent() ? one.get().sameAs(other.get()) : one.isEmpty() && other.isEmpty();
    }

    /** A written null counts as absent, as everywhere. */
    private static Optional<Node> find(Mapping tree, String key) {
        int dot = key.indexOf('.');
        Optional<Node> found =
                dot < 0 ? tree.get(key) : tree.mapping(key.substring(0, dot)).get(key.substring(dot + 1));
        return found.filter(node -> !node.isNull());
    }

    private static Mapping put(Mapping tree, String key, Optional<Node> value) {
        int dot = key.indexOf('.');
        if (dot < 0) {
            return value.map(node -> tree.with(key, node)).orElseGet(() -> tree.without(key));
        }
        String section = key.substring(0, dot);
        Mapping inner = put(tree.mapping(section), key.substring(dot + 1), value);
        return tree.with(section, inner);
    }
}
