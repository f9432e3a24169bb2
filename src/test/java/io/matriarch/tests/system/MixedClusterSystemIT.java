package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.FailedRun;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Patronictl;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Members of a real Patroni and of Matriarch in one cluster, under a constant load of writes. */
@Order(12)
class MixedClusterSystemIT {
    private static final Duration TAIL = Duration.ofSeconds(1);

    /** Patroni's shortest lease, a loop or two of its agents, and a promotion on a busy machine. */
    private static final Duration LEASE_RAN_OUT = Duration.ofSeconds(45);

    private static final int PATRONIS_SHORTEST_TTL = 20;

    private interface Story {
        void tell(MatriarchCluster cluster) throws IOException;
    }

    @Test
    void patroniJoinsAMatriarchClusterTakesOverAndHandsBack() throws IOException {
        ClusterPlan plan = ClusterPlan.threeMembers().withPatroni("pg3");
        on(plan, "patroni-joins", cluster -> {
            Member patroni = cluster.member("pg3");
            cluster.startMembers(List.of(cluster.member("pg1"), cluster.member("pg2")));
            assertThat(leaseSeconds(cluster)).isEqualTo(plan.ttlSeconds());
            Verdict verdict;
            try (Watch watch = Watch.over(cluster)) {
                patroni.start();
                Member first = cluster.waitHealthy(MatriarchCluster.START_LIMIT);
                assertThat(first.software()).isEqualTo(Member.Software.MATRIARCH);
                waitForLease(cluster, PATRONIS_SHORTEST_TTL);

                handOver(cluster, first, patroni);
                assertThat(Patronictl.of(cluster).list().get(patroni.name()).get("Role"))
                        .isEqualTo("Leader");
                handOver(cluster, patroni, cluster.member("pg2"));
                verdict = watch.finish();
            }
            verdict.assertNeverTwo().assertNothingLost();

            patroni.stop(MatriarchCluster.HEAL_LIMIT);
            waitForLease(cluster, plan.ttlSeconds());
        });
    }

    @Test
    void matriarchJoinsAPatroniClusterAndTakesOverWhenThePrimarysHostIsLost() throws IOException {
        ClusterPlan plan = ClusterPlan.threeMembers()
                .withPatroni("pg1")
                .withDynamic(List.of("ttl: " + PATRONIS_SHORTEST_TTL, "loop_wait: 1", "retry_timeout: 3"));
        on(plan, "matriarch-joins", cluster -> {
            Member patroni = cluster.member("pg1");
            cluster.startMembers(List.of(patroni));
            Verdict verdict;
            try (Watch watch = Watch.over(cluster)) {
                cluster.member("pg2").start();
                cluster.member("pg3").start();
                assertThat(cluster.waitHealthy(MatriarchCluster.START_LIMIT)).isEqualTo(patroni);

                Faults.loseHost(patroni);
                Member successor = cluster.waitForOtherLeader(patroni, LEASE_RAN_OUT);
                patroni.start();
                assertThat(cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT)).isEqualTo(successor);
                verdict = watch.finish();
            }
            verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL);
        });
    }

    private static void handOver(MatriarchCluster cluster, Member from, Member to) throws IOException {
        Http.Answer answer = cluster.switchover(from, to);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        cluster.waitForLeader(to, LEASE_RAN_OUT);
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    private static int leaseSeconds(MatriarchCluster cluster) {
        return cluster.etcd().grantedTtl("/service/" + cluster.plan().scope() + "/leader");
    }

    private static void waitForLease(MatriarchCluster cluster, int seconds) {
        Eventually.find("a leader's lease of " + seconds + " s", MatriarchCluster.HEAL_LIMIT, () -> {
            int granted = leaseSeconds(cluster);
            return granted == seconds
                    ? Eventually.Look.found(true)
                    : Eventually.Look.missing("it was granted for " + granted + " s");
        });
    }

    private static void on(ClusterPlan plan, String name, Story story) throws IOException {
        try (MatriarchCluster cluster = MatriarchCluster.prepare(plan, List.of(), List.of())) {
            try {
                story.tell(cluster);
            } catch (IOException | RuntimeException | AssertionError e) {
                FailedRun.keep("MixedClusterSystemIT." + name, cluster);
                throw e;
            }
        }
    }
}
