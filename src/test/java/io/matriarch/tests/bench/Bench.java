package io.matriarch.tests.bench;

import io.matriarch.tests.support.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * {@code Bench [--runs N] [--write FILE] SCENARIO...} measures the named scenarios and prints a Markdown section for
 * each;
 * {@code --write} puts the sections into the file, in place of older ones of the same scenario.
 */
public final class Bench {
    private static final int DEFAULT_RUNS = 5;
    /** Of pgbench's scale. */
    private static final int ONE_GB = 68;

    private static final int TEN_GB = 680;
    /** Only by name: it needs much of the disk. */
    private static final String LARGE = "backup-10gb";

    private Bench() {}

    private static Map<String, Supplier<Section>> scenarios(int runs) {
        Map<String, Supplier<Section>> all = new TreeMap<>();
        all.put("failover", () -> Outages.postmasterKilled(runs));
        all.put("switchover", () -> Outages.switchover(runs));
        all.put("hostloss", () -> Outages.hostLost(runs, 5));
        all.put("hostloss-ttl3", () -> Outages.hostLost(runs, 3));
        all.put("splitbrain", () -> SplitBrain.agentsAndFences(runs));
        all.put("partition", () -> SplitBrain.partition(runs));
        all.put("etcd-outage", () -> Outages.etcdDown(runs));
        all.put("rest", () -> Costs.rest(runs));
        all.put("idle", () -> Costs.idle(runs));
        all.put("backup", () -> Backups.copies("backup", runs, ONE_GB));
        all.put(LARGE, () -> Backups.copies(LARGE, runs, TEN_GB));
        all.put("backup-throttled", () -> Latencies.throttled(runs, ONE_GB));
        return all;
    }

    /** Entry point of {@code deploy/bench}. */
    public static void main(String[] arguments) throws IOException {
        int runs = DEFAULT_RUNS;
        List<String> wanted = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--runs" -> runs = Integer.parseInt(arguments[++i]);
                case "--write" -> files.add(Path.of(arguments[++i]));
                default -> wanted.add(arguments[i]);
            }
        }
        Map<String, Supplier<Section>> all = scenarios(runs);
        List<String> names = wanted.equals(List.of("all"))
                ? all.keySet().stream().filter(n -> !n.equals(LARGE)).toList()
                : wanted;
        List<String> unknown = names.stream().filter(n -> !all.containsKey(n)).toList();
        if (names.isEmpty() || !unknown.isEmpty()) {
            Report.say("Scenarios: " + String.join(" ", all.keySet()) + " all. Unknown: " + unknown);
            System.exit(2);
        }
        for (String name : names) {
            Report.say("== " + name);
            Section section = all.get(name).get();
            Report.say(section.markdown());
            for (Path file : files) {
                Measurements.put(file, section);
            }
        }
    }
}
