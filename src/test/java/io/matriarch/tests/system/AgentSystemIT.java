package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.PinnedWriter;
import io.matriarch.tests.support.Report;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * The agent, the fence beside it, or the whole host is lost or hangs. In each case a session stays open on the old
 * primary.
 */
@OnCluster
@Order(3)
class AgentSystemIT {
    private static final Duration TAIL = Duration.ofSeconds(1);

    /** Many leases: whatever a lease held is gone, and what was put off for one of them has happened. */
    private static final Duration LONG_GONE = Duration.ofSeconds(60);

    /** Long enough for the others to forget a member. */
    private static final Duration LATE = Duration.ofSeconds(120);

    private static final Duration IDLE = Duration.ofSeconds(15);

    @Test
    void killedAgentIsFencedBeforeAnotherMemberWrites(MatriarchCluster cluster) throws IOException {
        Member victim = cluster.primary();
        long proofsBefore = proofs(victim);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            PinnedWriter pinned = watch.pin(victim);
            Faults.killAgent(victim);
            cluster.waitForOtherLeader(victim, Limits.HOST_LOSS);
            assertThat(pinned.active()).as("the session on the fenced primary").isFalse();
            assertThat(proofs(victim)).as("proofs of " + victim.name()).isGreaterThan(proofsBefore);
            victim.start();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
    }

    @Test
    void killedFenceTakesPostgresWithItAndNoRowIsLost(MatriarchCluster cluster) {
        Member victim = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            long at = Faults.killFence(victim);
            watch.awaitWriteSince(at, Limits.HOST_LOSS);
            verdict = watch.finish();
        }

        assertThat(victim.fencePid()).as("a new fence beside " + victim.name()).isPresent();
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.HOST_LOSS);
    }

    @Test
    void agentAndFenceKilledTogetherLeaveNoPrimaryBehind(MatriarchCluster cluster) {
        Member victim = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            Faults.killAgentAndFence(victim);
            cluster.waitForOtherLeader(victim, Limits.HOST_LOSS);
            victim.start();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
    }

    @Test
    void agentFrozenForManyLeasesIsFencedAndRejoinsWhenItWakes(MatriarchCluster cluster) {
        Member victim = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            Faults.freezeAgent(victim);
            Member successor = cluster.waitForOtherLeader(victim, Limits.HOST_LOSS);
            Scenario.holdFor(
                    LONG_GONE,
                    successor.name() + " leads",
                    () -> cluster.leaderKey().equals(Optional.of(successor.name())));
            Faults.thaw(victim);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
    }

    @Test
    void frozenFenceDoesNotLeaveAnUnguardedPrimary(MatriarchCluster cluster) {
        Member victim = cluster.primary();
        long frozen = victim.fence();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            Faults.freezeFence(victim);
            // Either another member leads, or the same one again: with a fence that lives.
            Eventually.holds(
                    "the frozen fence is gone, and whoever writes has one",
                    Limits.HOST_LOSS.plusSeconds(10),
                    () -> !Signals.alive(frozen) && cluster.primary().fencePid().isPresent());
            watch.awaitWriteSince(System.nanoTime(), Limits.HOST_LOSS);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL);
    }

    @Test
    void killedAgentOfAReplicaDisturbsNobody(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Member victim = cluster.replicas().get(0);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            Faults.killAgent(victim);
            victim.agent().awaitExit(Duration.ofSeconds(5));
            victim.start();
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void agentRestartedWithinItsLeaseTakesOverWithoutTouchingPostgres(MatriarchCluster cluster) {
        Member member = cluster.primary();
        // Longer than an agent takes to start, also on a busy machine.
        cluster.changeTtl(60);
        long postmaster = member.postmaster();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            PinnedWriter pinned = watch.pin(member);
            Faults.killAgent(member);
            member.agent().awaitExit(Duration.ofSeconds(5));
            member.start();
            verdict = watch.finish();
            assertThat(pinned.acknowledged()).isNotEmpty();
        } finally {
            cluster.changeTtl(cluster.plan().ttlSeconds());
        }

        assertThat(member.postmaster()).as("the postmaster's pid").isEqualTo(postmaster);
        assertThat(cluster.primary()).isEqualTo(member);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void lostHostIsReplacedAndRejoinsAfterASecond(MatriarchCluster cluster) {
        Member victim = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            long at = Faults.loseHost(victim);
            Scenario.holdFor(
                    Duration.ofSeconds(1),
                    "nothing runs on the lost host",
                    () -> victim.allPids().isEmpty());
            victim.start();
            watch.awaitWriteSince(at, Limits.HOST_LOSS);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
    }

    @Test
    void lostHostIsReplacedAndRejoinsAfterTwoMinutes(MatriarchCluster cluster) {
        Member victim = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            watch.pin(victim);
            Faults.loseHost(victim);
            Member successor = cluster.waitForOtherLeader(victim, Limits.HOST_LOSS);
            Scenario.holdFor(
                    LATE, successor.name() + " leads", () -> cluster.leaderKey().equals(Optional.of(successor.name())));
            victim.start();
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(TAIL).assertSilenceAtMost(Limits.HOST_LOSS);
        assertThat(verdict.lost())
                .as("lost rows")
                .allSatisfy(row -> assertThat(row.member()).isEqualTo(victim.name()));
    }

    /** Nobody writes here: with writers, which replica is ahead at the last moment is chance. */
    @Test
    void readinessSaysWhoTakesOverHowSoonAndWhatIsLost(MatriarchCluster cluster) throws Exception {
        Member victim = cluster.primary();
        // Of two that hold the same, either may get the key; so one is preferred, and not the first by name.
        Member preferred = cluster.replicas().get(1);
        String yaml = Files.readString(preferred.configuration());
        reconfigure(preferred, yaml + "tags:\n  failover_priority: 5\n");
        try {
            promiseIsKept(cluster, victim, preferred);
        } finally {
            reconfigure(preferred, yaml);
        }
    }

    private static void promiseIsKept(MatriarchCluster cluster, Member victim, Member preferred) throws Exception {
        Sql.execute(victim.endpoint(), "create table promised as select generate_series(1, 1000)");
        Map<?, ?> said = Eventually.find("readiness without loss", Limits.HOST_LOSS, () -> {
            Map<?, ?> readiness = (Map<?, ?>)
                    victim.http().get(victim.restUrl("/matriarch/readiness")).json();
            boolean settled = preferred.name().equals(readiness.get("successor"))
                    && "0".equals(String.valueOf(readiness.get("lossBytes")));
            return settled
                    ? Eventually.Look.<Map<?, ?>>found(readiness)
                    : Eventually.Look.missing(readiness.toString());
        });
        Duration within = Duration.ofMillis(Math.round(1000 * ((Number) said.get("withinSeconds")).doubleValue()));

        long at = Faults.loseHost(victim);
        Member successor = cluster.waitForOtherLeader(victim, within.plus(Limits.SLACK));

        Report.say("readiness said " + said.get("because") + "; it took "
                + Duration.ofNanos(System.nanoTime() - at).toMillis() + " ms");
        assertThat(successor).isEqualTo(preferred);
        assertThat(Sql.ask(successor.endpoint(), "select count(*) from promised"))
                .isEqualTo("1000");
        Sql.execute(successor.endpoint(), "drop table promised");
    }

    private static void reconfigure(Member member, String yaml) {
        member.configure(yaml);
        Signals.send("HUP", member.agent().pid());
    }

    @Test
    void idleAgentLogsNothing(MatriarchCluster cluster) {
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        AtomicReference<List<Long>> sizes = new AtomicReference<>(List.of());
        AtomicLong since = new AtomicLong();
        Eventually.holds("no agent writes a line for " + IDLE.toSeconds() + " s", IDLE.multipliedBy(3), () -> {
            List<Long> now = new ArrayList<>();
            for (Member member : cluster.members()) {
                now.add(Files.size(member.agentLog()));
            }
            if (!now.equals(sizes.getAndSet(now))) {
                since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() >= IDLE.toNanos();
        });
    }

    private static long proofs(Member member) throws IOException {
        Path file = member.stateDirectory().resolve("fence").resolve("proofs.jsonl");
        if (!Files.exists(file)) {
            return 0;
        }
        try (var lines = Files.lines(file)) {
            return lines.count();
        }
    }
}
