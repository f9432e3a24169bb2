package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Etcd;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.PinnedWriter;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Members of etcd, or all of it, are killed, frozen or stopped. */
@OnCluster(etcdMembers = 3)
@Order(10)
class EtcdSystemIT {
    private static final Duration OUTAGE = Duration.ofSeconds(45);
    private static final Duration ONE_MEMBER = Duration.ofSeconds(8);

    /** What is done to one etcd member. */
    private interface Blow {
        void strike(Etcd.Node node);
    }

    @Test
    void killedEtcdLeaderDisturbsNobody(MatriarchCluster cluster) {
        strikeOneMember(cluster, cluster.etcd().leader(), Etcd.Node::kill);
    }

    @Test
    void frozenEtcdLeaderDisturbsNobody(MatriarchCluster cluster) {
        strikeOneMember(cluster, cluster.etcd().leader(), Etcd.Node::freeze);
    }

    @Test
    void frozenEtcdFollowerDisturbsNobody(MatriarchCluster cluster) {
        Etcd.Node leader = cluster.etcd().leader();
        Etcd.Node follower = cluster.etcd().nodes().stream()
                .filter(n -> n != leader)
                .findFirst()
                .orElseThrow();
        strikeOneMember(cluster, follower, Etcd.Node::freeze);
    }

    private static void strikeOneMember(MatriarchCluster cluster, Etcd.Node node, Blow blow) {
        Member primary = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            blow.strike(node);
            Scenario.holdFor(
                    ONE_MEMBER,
                    primary.name() + " leads",
                    () -> cluster.primary().equals(primary));
            cluster.etcd().startAll();
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void noWriteIsRefusedWhileAllOfEtcdIsDown(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            PinnedWriter pinned = watch.pin(primary);
            cluster.etcd().stopAll();
            Scenario.holdFor(OUTAGE, "the session on " + primary.name() + " writes", pinned::active);
            cluster.etcd().startAll();
            cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
            assertThat(pinned.active()).as("the session outlives the outage").isTrue();
            verdict = watch.finish();
            assertThat(watch.refusedBy(primary)).as("refused writes").isZero();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void primaryIsFencedWhenEtcdIsDownAndAMemberDoesNotConfirm(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Member lost = cluster.replicas().get(0);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            PinnedWriter pinned = watch.pin(primary);
            cluster.etcd().stopAll();
            Faults.loseHost(lost);
            Eventually.holds(
                    "the session on " + primary.name() + " was ended", Limits.HOST_LOSS, () -> !pinned.active());
            cluster.etcd().startAll();
            lost.start();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost();
    }
}
