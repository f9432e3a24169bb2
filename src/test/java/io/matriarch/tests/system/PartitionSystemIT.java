package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Host;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Network;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.PinnedWriter;
import io.matriarch.tests.support.SavedWal;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Hosts of their own whose network is cut in silence. Clients sit on the hosts themselves, as the ones hardest to end
 * do.
 */
@OnCluster(ownHosts = true)
@EnabledIf("io.matriarch.tests.support.Network#possible")
@Order(20)
class PartitionSystemIT {
    private static final Duration CUT = Duration.ofSeconds(12);
    private static final Duration TAIL = Duration.ofSeconds(1);

    @Test
    void primaryCutOffFromAllStopsBeforeItsSuccessorBeginsAndSavesWhatOnlyItHas(
            MatriarchCluster cluster, Network network) throws Exception {
        Member victim = cluster.primary();
        Set<Path> savedBefore = SavedWal.directories(victim);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            PinnedWriter pinned = watch.pin(victim);
            network.cutOff(victim.host());
            Member successor = cluster.waitForOtherLeader(victim, Limits.HOST_LOSS);
            Eventually.holds("the open session was ended", Limits.HOST_LOSS, () -> !pinned.active());
            Scenario.holdFor(
                    CUT,
                    successor.name() + " is the only primary",
                    () -> cluster.primary().equals(successor));
            network.reconnectAll();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertSilenceAtMost(Limits.HOST_LOSS);
        assertOnlyOf(victim, verdict);
        // The client on the victim's host goes on writing after the cut, with asynchronous replication: these rows are
        // lost.
        assertThat(verdict.lost())
                .as("acknowledged after the cut, seen by nobody else")
                .isNotEmpty();
        SavedWal.since(savedBefore, victim).assertHolds(verdict.lost(), cluster.primary());
    }

    @Test
    void primaryCutOffFromEtcdAloneNeverSharesItsRole(MatriarchCluster cluster, Network network) {
        Member victim = cluster.primary();
        Host etcd = network.hosts().get(0);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            long at = network.separate(List.of(etcd, victim.host()));
            Scenario.holdFor(CUT, "the fault is in force", () -> true);
            watch.awaitWriteSince(at + CUT.toNanos() / 2, Limits.HOST_LOSS);
            network.reconnectAll();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
        assertOnlyOf(victim, verdict);
    }

    @Test
    void primaryCutOffFromItsReplicasAloneLeadsOn(MatriarchCluster cluster, Network network) {
        Member primary = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            network.separate(cluster.members().stream().map(Member::host).toList());
            Scenario.holdFor(
                    CUT, primary.name() + " leads", () -> cluster.primary().equals(primary));
            network.reconnectAll();
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void replicaCutOffFromAllDisturbsNobodyAndCatchesUp(MatriarchCluster cluster, Network network) {
        Member primary = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            network.cutOff(cluster.replicas().get(0).host());
            Scenario.holdFor(
                    CUT, primary.name() + " leads", () -> cluster.primary().equals(primary));
            network.reconnectAll();
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void hostThatVanishesWithoutAWordIsReplaced(MatriarchCluster cluster, Network network) {
        Member victim = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            network.cutOff(victim.host());
            Faults.loseHost(victim);
            cluster.waitForOtherLeader(victim, Limits.HOST_LOSS);
            network.reconnectAll();
            victim.start();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
        assertOnlyOf(victim, verdict);
    }

    private static void assertOnlyOf(Member victim, Verdict verdict) {
        assertThat(verdict.lost())
                .as("lost rows")
                .allSatisfy(row -> assertThat(row.member()).isEqualTo(victim.name()));
    }
}
