package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** PostgreSQL dies, is stopped or hangs while its agent is well. */
@OnCluster
@Order(1)
class CrashSystemIT {
    private static final Duration TAIL = Duration.ofSeconds(1);

    @Test
    void killedPostmasterCostsSecondsAndNoAcknowledgedRow(MatriarchCluster cluster) {
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            long at = Faults.killPostmaster(cluster.primary());
            watch.awaitWriteSince(at, Limits.CRASH);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.CRASH);
    }

    @Test
    void tenFailoversInARowLoseNothing(MatriarchCluster cluster) {
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            for (int round = 0; round < 10; round++) {
                long at = Faults.killPostmaster(cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT));
                watch.awaitWriteSince(at, Limits.CRASH);
            }
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.CRASH);
    }

    @Test
    void postgresStoppedByHandIsReplacedOrStartedAgain(MatriarchCluster cluster) {
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            long at = Faults.stopPostgresByHand(cluster.primary());
            watch.awaitWriteSince(at, Limits.CRASH);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.CRASH);
    }

    @Test
    void killedReplicaComesBackAndWritersNoticeNothing(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Member replica = cluster.replicas().get(0);
        long before = replica.postmaster();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            Faults.killPostmaster(replica);
            Eventually.holds(
                    "a new postmaster on " + replica.name(),
                    MatriarchCluster.HEAL_LIMIT,
                    () -> replica.postmasterPid().orElse(before) != before);
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void frozenPostmasterIsReplacedWithoutTwoPrimaries(MatriarchCluster cluster) {
        Member frozen = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            // Its backends live on: the pinned session can write until somebody ends it.
            watch.pin(frozen);
            long at = Faults.freezePostmaster(frozen);
            Eventually.holds(
                    "new sessions can write again",
                    Limits.FROZEN_POSTMASTER,
                    () -> Sql.ask(cluster.primary().endpoint(), "select 1").equals("1")
                            && cluster.primary().agentRuns());
            watch.awaitWriteSince(at, Limits.FROZEN_POSTMASTER);
            cluster.waitHealthy(Limits.FROZEN_POSTMASTER);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.FROZEN_POSTMASTER);
        assertThat(verdict.lost())
                .as("lost rows")
                .allSatisfy(row -> assertThat(row.member()).isEqualTo(frozen.name()));
    }

    @Test
    void replicaRefusesWrites(MatriarchCluster cluster) {
        for (Member replica : cluster.replicas()) {
            assertThatThrownBy(() -> Sql.execute(replica.endpoint(), "create table intruder ()"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            assertThatThrownBy(() -> Sql.execute(
                            replica.endpoint(), Endpoint.DATABASE, "insert into acknowledged values (0, 0)"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
        }
    }
}
