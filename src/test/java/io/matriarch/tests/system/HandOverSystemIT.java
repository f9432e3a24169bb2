package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What an operator does on purpose: switch over, stop an agent, stop and start everything. */
@OnCluster
@Order(2)
class HandOverSystemIT {
    private static final Duration STOP = Duration.ofSeconds(60);

    @Test
    void switchoverGoesToTheNamedReplicaAndLosesNothing(MatriarchCluster cluster) throws IOException {
        Member from = cluster.primary();
        Member to = cluster.replicas().get(1);
        Verdict verdict;
        Http.Answer answer;
        try (Watch watch = Watch.over(cluster)) {
            answer = cluster.switchover(from, to);
            cluster.waitForLeader(to, Limits.SWITCHOVER);
            verdict = watch.finish();
        }

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("Successfully switched over to \"" + to.name() + "\"");
        assertThat(cluster.primary()).isEqualTo(to);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.SWITCHOVER);
    }

    @Test
    void stoppedAgentHandsOverFirstAndLeavesNothingRunning(MatriarchCluster cluster) {
        Member stopped = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            int code = stopped.stop(STOP);
            assertThat(code).isIn(0, 143);
            assertThat(stopped.postmasterPid()).isEmpty();
            Member successor = cluster.waitForOtherLeader(stopped, Limits.SWITCHOVER);
            assertThat(successor).isNotEqualTo(stopped);
            stopped.start();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.SWITCHOVER);
    }

    @Test
    void stoppedAgentOfAReplicaDisturbsNobody(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Member stopped = cluster.replicas().get(0);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            stopped.stop(STOP);
            assertThat(stopped.postmasterPid()).isEmpty();
            stopped.start();
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void wholeClusterStoppedAndStartedFromColdKeepsEveryRow(MatriarchCluster cluster) {
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            List<Member> members = cluster.members();
            members.forEach(m -> m.agent().signal("TERM"));
            members.forEach(m -> m.agent().awaitExit(STOP));
            assertThat(members).allSatisfy(m -> assertThat(m.postmasterPid()).isEmpty());
            members.forEach(Member::start);
            cluster.waitHealthy(MatriarchCluster.START_LIMIT);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost();
    }

    @Test
    void allHostsLostAtOnceComeBackWithEveryAcknowledgedRow(MatriarchCluster cluster) {
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            Faults.loseHosts(cluster.members());
            cluster.members().forEach(Member::start);
            cluster.waitHealthy(MatriarchCluster.START_LIMIT);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost();
    }
}
