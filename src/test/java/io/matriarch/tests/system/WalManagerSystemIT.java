package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Lsn;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.WalLoad;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The WAL stream of a real manager: from its election on, over its own death, until a hole is found. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WalManagerSystemIT {
    private static final Pattern DURABLE = Pattern.compile("in the repository +([0-9A-F]+/[0-9A-F]+)");
    private static MatriarchCluster cluster;
    private static Member manager;

    @BeforeAll
    static void managerOnAReplica() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(2));
        manager = cluster.replicas().get(0);
        manager.stop(MatriarchCluster.HEAL_LIMIT);
        manager.configure(Files.readString(manager.configuration())
                + "matriarch:\n  roles: [node, manager]\n  backup:\n    verify: false\n    wal_timeout: 2\n"
                + Workplace.NO_SCHEDULES);
        manager.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void electedManagerReceivesAndProvesTheChain() throws Exception {
        waitStored();
        assertThat(matriarch("backup").code()).isZero();
        waitStored();

        Command.Result shown = matriarch("wal");
        assertThat(shown.output()).contains("STREAMING", cluster.primary().name());
        assertThat(shown.code()).isZero();
        Command.Result checked = matriarch("wal", "check");
        assertThat(checked.output()).contains("whole from basebackup_", "read back");
        assertThat(checked.code()).isZero();
        assertThat(Sql.list(
                        manager.endpoint(),
                        "postgres",
                        "select slot_name from pg_replication_slots where slot_name = 'matriarch_wal'"))
                .as("the slot of the member that does not lead")
                .hasSize(1);
    }

    @Test
    @Order(2)
    void managerThatIsKilledUnderLoadLeavesNoHole() throws Exception {
        try (var load = WalLoad.on(cluster)) {
            for (int n = 0; n < 3; n++) {
                long rows = load.rows();
                Eventually.holds("some load", MatriarchCluster.HEAL_LIMIT, () -> load.rows() > rows + 20_000);
                Faults.killAgent(manager);
                manager.start();
                Eventually.holds(
                        "a stream",
                        MatriarchCluster.HEAL_LIMIT,
                        () -> matriarch("wal").output().contains("STREAMING"));
            }
        }
        waitStored();

        assertThat(matriarch("wal", "check").output()).contains("whole from basebackup_");
    }

    @Test
    @Order(3)
    void segmentThatWasTakenAwayIsAHole() throws IOException {
        try (Stream<Path> files = Files.walk(manager.stateDirectory().resolve("repository/wal"))) {
            var segments =
                    files.filter(f -> f.toString().endsWith(".zst")).sorted().toList();
            Files.delete(segments.get(segments.size() - 2));
        }

        Command.Result checked = matriarch("wal", "check");

        assertThat(checked.code()).isEqualTo(1);
        assertThat(checked.output()).contains("WAL lacks", "1 segment from", "take a new base backup");
    }

    /** Until the repository holds what the leader has written by now. */
    private static void waitStored() throws Exception {
        Sql.execute(cluster.primary().endpoint(), "create table if not exists marks as select 1; delete from marks");
        var end = Lsn.parse(Sql.ask(cluster.primary().endpoint(), "select pg_current_wal_flush_lsn()"));
        Eventually.find("all up to " + end + " stored", MatriarchCluster.HEAL_LIMIT, () -> {
            var shown = matriarch("wal").output();
            var durable = DURABLE.matcher(shown);
            return durable.find() && Lsn.parse(durable.group(1)).isAtLeast(end)
                    ? Eventually.Look.found(true)
                    : Eventually.Look.missing(shown);
        });
    }

    private static Command.Result matriarch(String... command) {
        return manager.matriarch(command);
    }
}
