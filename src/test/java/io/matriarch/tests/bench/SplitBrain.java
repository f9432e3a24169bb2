package io.matriarch.tests.bench;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.TestWorld;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Whether two members ever acknowledge at the same time, with a session that stays open on the old primary. */
final class SplitBrain {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration HELD = Duration.ofSeconds(15);

    private SplitBrain() {}

    static Section agentsAndFences(int runs) {
        Section section = new Section(
                "splitbrain",
                "Agent or fence killed or frozen",
                "Each fault hits the primary, lasts 15 s, and is then undone; a session stays open on the old primary.");
        Map<String, Consumer<Member>> faults = new LinkedHashMap<>();
        faults.put("agent killed", Faults::killAgent);
        faults.put("agent frozen", Faults::freezeAgent);
        faults.put("agent and fence killed", Faults::killAgentAndFence);
        faults.put("fence frozen", Faults::freezeFence);
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            for (int run = 0; run < runs; run++) {
                faults.forEach((name, fault) -> strike(section, cluster, name, fault));
            }
        }
        return section;
    }

    private static void strike(Section section, MatriarchCluster cluster, String name, Consumer<Member> fault) {
        Member victim = cluster.waitHealthy(LIMIT);
        section.noteLoad();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            fault.accept(victim);
            Scenario.holdFor(HELD, name, () -> true);
            cluster.repair();
            cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
            verdict = watch.finish();
        }
        note(section, name, verdict);
    }

    static Section partition(int runs) {
        Section section = new Section(
                "partition",
                "Primary cut off from etcd and its peers",
                "Each member and etcd in a network namespace; packets of the primary's host vanish for 15 s, while a client"
                        + " on it goes on writing through an open session. What it acknowledges to that client before it"
                        + " is fenced is lost with asynchronous replication, and saved aside.");
        try (TestWorld world = TestWorld.onOwnHosts(ClusterPlan.threeMembers())) {
            MatriarchCluster cluster = world.cluster();
            for (int run = 0; run < runs; run++) {
                Member victim = cluster.waitHealthy(LIMIT);
                section.noteLoad();
                Verdict verdict;
                try (Watch watch = Watch.over(cluster)) {
                    watch.pin(victim);
                    world.network().cutOff(victim.host());
                    Scenario.holdFor(HELD, "the cut", () -> true);
                    world.network().reconnectAll();
                    cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
                    verdict = watch.finish();
                }
                note(section, "cut off", verdict);
            }
        }
        return section;
    }

    private static void note(Section section, String fault, Verdict verdict) {
        section.add(fault + ": time with two members acknowledging", "s", "0", Outages.overlapSeconds(verdict));
        section.add(fault + ": write gap", "s", "<= 6 s", Outages.seconds(verdict.longestSilence()));
        section.add(
                fault + ": acknowledged rows lost",
                "",
                "saved aside",
                verdict.lost().size());
    }
}
