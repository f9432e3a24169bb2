package io.matriarch.tests.bench;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Signals;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an agent costs when nothing happens, and how fast it answers. */
final class Costs {
    private static final Duration SETTLE = Duration.ofSeconds(90);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final double TICKS_PER_SECOND = 100;
    private static final double KIB_PER_MIB = 1024;
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");

    private Costs() {}

    static Section rest(int runs) {
        Section section = new Section(
                "rest",
                "REST health check",
                "`wrk -t1 -c32 -d10s --latency` on `GET /primary` of the leader, beside the whole cluster.");
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            Member leader = cluster.primary();
            wrk(leader, "5s");
            for (int run = 0; run < runs; run++) {
                section.noteLoad();
                String output = wrk(leader, "10s");
                section.addMoreIsBetter("requests", "/s", ">= 6,000 /s", number(RATE, output));
                section.add("p99", "ms", "<= 20 ms", milliseconds(output));
            }
        }
        return section;
    }

    private static String wrk(Member member, String time) {
        return Command.run(List.of("wrk", "-t1", "-c32", "-d" + time, "--latency", member.restUrl("/primary")));
    }

    private static double milliseconds(String output) {
        Matcher matcher = P99.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("wrk says: " + output);
        }
        double value = Double.parseDouble(matcher.group(1));
        return switch (matcher.group(2)) {
            case "us" -> value / 1000;
            case "s" -> value * 1000;
            default -> value;
        };
    }

    private static double number(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("wrk says: " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }

    static Section idle(int runs) {
        Section section = new Section(
                "idle",
                "Cost of an idle agent",
                "Processor time over 60 s and resident memory of agent and fence; three members, no client.");
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            Scenario.holdFor(SETTLE, "nothing happens", () -> true);
            Member leader = cluster.primary();
            Member replica = cluster.replicas().get(0);
            for (int run = 0; run < runs; run++) {
                section.noteLoad();
                List<Long> pids = List.of(
                        leader.agent().pid(),
                        replica.agent().pid(),
                        leader.fencePid().orElse(0));
                List<Long> before = pids.stream().map(Signals::cpuTicks).toList();
                Scenario.holdFor(IDLE, "nothing happens", () -> true);
                List<Long> after = pids.stream().map(Signals::cpuTicks).toList();
                List<String> names = List.of("leader's agent", "replica's agent", "leader's fence");
                for (int i = 0; i < pids.size(); i++) {
                    String cpuPromise = i < 2 ? "<= 0.9 s/min" : "-";
                    String memoryPromise = i < 2 ? "<= 250 MB" : "a few MB";
                    section.add(
                            names.get(i) + ", CPU per minute",
                            "s",
                            cpuPromise,
                            (after.get(i) - before.get(i)) / TICKS_PER_SECOND);
                    section.add(
                            names.get(i) + ", resident",
                            "MiB",
                            memoryPromise,
                            Signals.residentKib(pids.get(i)) / KIB_PER_MIB);
                }
            }
        }
        return section;
    }
}
