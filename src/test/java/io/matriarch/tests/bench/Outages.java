package io.matriarch.tests.bench;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long nobody can write, and what it costs in rows. */
final class Outages {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private Outages() {}

    /** What is done to the cluster in one run; ends when it is done, not when its effects are over. */
    interface Fault {
        void strike(MatriarchCluster cluster, Watch watch);
    }

    static Section postmasterKilled(int runs) {
        Section section = new Section(
                "failover",
                "Postmaster of the primary killed",
                "`kill -9` of the primary's postmaster; three members, defaults.");
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            for (int run = 0; run < runs; run++) {
                measure(
                        section,
                        cluster,
                        "<= 1 s median, <= 2 s worst",
                        (c, watch) -> watch.awaitWriteSince(Faults.killPostmaster(c.primary()), LIMIT));
            }
        }
        return section;
    }

    static Section switchover(int runs) {
        Section section = new Section(
                "switchover", "Switchover", "`POST /switchover` to a named replica; three members, defaults.");
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            for (int run = 0; run < runs; run++) {
                measure(section, cluster, "<= 0.5 s median, <= 1 s worst", (c, watch) -> {
                    Member to = c.replicas().get(0);
                    Http.Answer answer = switchOver(c, to);
                    if (answer.status() != 200) {
                        throw new IllegalStateException("switchover refused: " + answer);
                    }
                    c.waitForLeader(to, LIMIT);
                });
            }
        }
        return section;
    }

    private static Http.Answer switchOver(MatriarchCluster cluster, Member to) {
        try {
            return cluster.switchover(cluster.primary(), to);
        } catch (IOException e) {
            throw new UncheckedIOException("no answer to the switchover", e);
        }
    }

    static Section hostLost(int runs, int ttl) {
        String promise = ttl == 3 ? "<= 4 s worst" : "<= 6 s worst";
        Section section = new Section(
                ttl == 3 ? "hostloss-ttl3" : "hostloss",
                "Host of the primary lost, ttl " + ttl + " s",
                "Agent, fence and PostgreSQL of the primary killed at the same moment, started again afterwards.");
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            if (ttl != cluster.plan().ttlSeconds()) {
                cluster.changeTtl(ttl);
            }
            for (int run = 0; run < runs; run++) {
                measure(section, cluster, promise, (c, watch) -> {
                    Member victim = c.primary();
                    Faults.loseHost(victim);
                    watch.awaitWriteByOtherThan(victim, LIMIT);
                    victim.start();
                });
            }
        }
        return section;
    }

    static Section etcdDown(int runs) {
        Section section = new Section(
                "etcd-outage",
                "etcd down for 45 s",
                "All of etcd (one member) stopped for 45 s and started again; failsafe mode is on by default. Sessions stay open on"
                        + " the primary; each of their inserts that ends with an error counts as refused.");
        try (MatriarchCluster cluster = MatriarchCluster.start(ClusterPlan.threeMembers())) {
            for (int run = 0; run < runs; run++) {
                measure(section, cluster, "no write refused", (c, watch) -> {
                    Member primary = c.primary();
                    watch.pin(primary);
                    c.etcd().stopAll();
                    Scenario.holdFor(Duration.ofSeconds(45), "etcd is down", () -> true);
                    c.etcd().startAll();
                    c.waitHealthy(LIMIT);
                    section.add("writes refused", "", "0", watch.refusedBy(primary));
                });
            }
        }
        return section;
    }

    /** One run: watch, strike, wait until the cluster is whole, judge. */
    static void measure(Section section, MatriarchCluster cluster, String promise, Fault fault) {
        cluster.waitHealthy(LIMIT);
        section.noteLoad();
        Verdict verdict;
        long whole;
        try (Watch watch = Watch.over(cluster)) {
            long at = System.nanoTime();
            fault.strike(cluster, watch);
            cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
            whole = System.nanoTime() - at;
            verdict = watch.finish();
        }
        section.add("write gap", "s", promise, seconds(verdict.longestSilence()));
        section.add("fault to all members whole", "s", "by itself", whole / (double) TimeUnit.SECONDS.toNanos(1));
        section.add(
                "acknowledged rows lost", "", "0 where promised", verdict.lost().size());
        section.add("time with two members acknowledging", "s", "0", overlapSeconds(verdict));
    }

    static double overlapSeconds(Verdict verdict) {
        return verdict.overlaps().stream()
                .mapToDouble(o -> seconds(o.length()))
                .max()
                .orElse(0);
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
