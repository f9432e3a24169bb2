package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.FailedRun;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.SmallDisk;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import io.matriarch.tests.support.Workplace;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The disk that holds the primary's WAL is full. Failing over would only carry the trouble to the next member. */
@EnabledIf("io.matriarch.tests.support.SmallDisk#possible")
@Order(30)
class FullDiskSystemIT {
    private static final int DISK_MIB = 300;
    private static final Duration NO_CASCADE = Duration.ofSeconds(20);

    @Test
    void fullWalDiskStopsThePrimaryWithoutACascadeAndRoomHealsIt() {
        ClusterPlan plan =
                ClusterPlan.threeMembers().withParameter("max_wal_size", "48MB").withParameter("min_wal_size", "32MB");
        MatriarchCluster cluster = MatriarchCluster.prepare(plan, List.of(), List.of());
        List<SmallDisk> disks = new ArrayList<>();
        try (cluster) {
            for (Member member : cluster.members()) {
                disks.add(SmallDisk.mount(member.dataDirectory().getParent(), DISK_MIB));
            }
            cluster.startMembers();
            Member victim = cluster.primary();
            SmallDisk disk = disks.get(cluster.members().indexOf(victim));
            try {
                scenario(cluster, victim, disk);
            } catch (RuntimeException | AssertionError e) {
                FailedRun.keep("FullDiskSystemIT", cluster);
                throw e;
            }
        } finally {
            disks.forEach(SmallDisk::close);
            Workplace.remove(cluster.directory());
        }
    }

    private static void scenario(MatriarchCluster cluster, Member victim, SmallDisk disk) {
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            disk.fill();
            writeWalUntilItFails(victim);
            Eventually.holds(
                    victim.name() + " says that there is no room",
                    Duration.ofSeconds(60),
                    () -> Scenario.decisions(victim).contains("WAL_DISK_FULL"));
            List<Optional<String>> leaders = new ArrayList<>();
            Scenario.holdFor(NO_CASCADE, "at most one other member is drawn in", () -> {
                Optional<String> leader = cluster.leaderKey();
                if (leader.isPresent() && !leaders.contains(leader)) {
                    leaders.add(leader);
                }
                return leaders.size() <= 2;
            });
            disk.free();
            verdict = watch.finish();
        }

        assertThat(Scenario.promotions(verdict))
                .as("promotions: " + verdict.summary())
                .isLessThanOrEqualTo(1);
        verdict.assertNeverTwo().assertNothingLost();
    }

    /** WAL and nothing else: tables do not grow, so that the first thing to find no room is a WAL segment. */
    private static void writeWalUntilItFails(Member member) {
        Eventually.holds("WAL finds no room on " + member.name(), Duration.ofSeconds(60), () -> {
            try {
                Sql.execute(
                        member.endpoint(),
                        Endpoint.DATABASE,
                        "select pg_logical_emit_message(false, 'fill', repeat(md5(random()::text), 30000))"
                                + " from generate_series(1, 40)");
                return false;
            } catch (SQLException full) {
                return !"53100".equals(full.getSQLState());
            }
        });
    }
}
