package io.matriarch.tests.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The real {@code patronictl}, configured by a member's own file, as its operators use it. */
public final class Patronictl {
    private final MatriarchCluster cluster;
    private final Member configuredAs;

    private Patronictl(MatriarchCluster cluster, Member configuredAs) {
        this.cluster = cluster;
        this.configuredAs = configuredAs;
    }

    /** For this cluster. */
    public static Patronictl of(MatriarchCluster cluster) {
        return new Patronictl(cluster, cluster.members().get(0));
    }

    /** Runs {@code patronictl COMMAND SCOPE MORE...} and gives what it wrote; it must end with code 0. */
    public String run(String command, String... more) {
        return Command.run(line(command, more));
    }

    /** The same, however it ends. */
    public Command.Result tryRun(String command, String... more) {
        return Command.tryRun(line(command, more));
    }

    private List<String> line(String command, String... more) {
        // Python's click refuses to work in a locale without UTF-8.
        List<String> line = new ArrayList<>(List.of("env", "LC_ALL=C.UTF-8", "patronictl"));
        line.addAll(List.of("-c", configuredAs.configuration().toString()));
        line.addAll(List.of(command, cluster.plan().scope()));
        line.addAll(List.of(more));
        return line;
    }

    /** {@code list -f json}: what it says about each member, by name. */
    public Map<String, Map<?, ?>> list() {
        Map<String, Map<?, ?>> byName = new TreeMap<>();
        for (Object row : rows(run("list", "-f", "json"))) {
            if (row instanceof Map<?, ?> member) {
                byName.put(String.valueOf(member.get("Member")), member);
            }
        }
        return byName;
    }

    /** {@code history -f json}: the promotions, oldest first. */
    public List<Map<?, ?>> history() {
        List<Map<?, ?>> promotions = new ArrayList<>();
        for (Object row : rows(run("history", "-f", "json"))) {
            if (row instanceof Map<?, ?> promotion) {
                promotions.add(promotion);
            }
        }
        return promotions;
    }

    private static List<?> rows(String json) {
        return new Http.Answer(0, json).json() instanceof List<?> rows ? rows : List.of();
    }
}
