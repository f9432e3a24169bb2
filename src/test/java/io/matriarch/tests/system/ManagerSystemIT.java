package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A member that is a manager too: backups by command, from the leader, proven by a restore. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManagerSystemIT {
    private static final Pattern LABEL = Pattern.compile("basebackup_[0-9]{8}T[0-9]{6}Z");
    private static MatriarchCluster cluster;
    private static Member manager;

    @BeforeAll
    static void managerOnAReplica() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(2));
        Sql.execute(cluster.primary().endpoint(), "create table kept as select generate_series(1, 1000)");
        manager = cluster.replicas().get(0);
        manager.stop(MatriarchCluster.HEAL_LIMIT);
        manager.configure(Files.readString(manager.configuration())
                + "matriarch:\n  roles: [node, manager]\n  backup:\n    format: tar.gz\n" + Workplace.NO_SCHEDULES);
        manager.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void backupIsTakenFromTheLeaderAndRestoredBeforeItCounts() throws IOException {
        Command.Result taken = manager.matriarch("backup");

        assertThat(taken.output()).containsPattern("V[45] in").contains("1000 rows");
        assertThat(taken.code()).isZero();
        var listed = manager.matriarch("backups").output();
        assertThat(listed)
                .contains("VERIFIED")
                .contains("tar.gz")
                .contains(cluster.primary().name());
        assertThat(manager.matriarch("jobs").output()).contains("base-backup", "COMPLETED");
        assertThat(archive()).isRegularFile();
        try (var work = Files.list(manager.stateDirectory().resolve("work"))) {
            // The stream's segment in work stays as long as the stream.
            assertThat(work.filter(file -> !file.endsWith("wal"))).isEmpty();
        }
    }

    @Test
    @Order(2)
    void backupThatChangedIsSuspectFromThenOn() throws IOException {
        try (var file = new RandomAccessFile(archive().toFile(), "rw")) {
            file.seek(file.length() / 2);
            int before = file.read();
            file.seek(file.length() / 2);
            file.write(before ^ 1);
        }

        Command.Result verified = manager.matriarch("verify");

        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.output()).contains("is not what was stored");
        assertThat(manager.matriarch("backups").output()).contains("SUSPECT");
    }

    @Test
    @Order(3)
    void replicaIsTheSourceWhenThatIsWanted() throws Exception {
        cluster.configure("{\"matriarch\":{\"backup\":{\"source\":\"replica\"}}}");

        Command.Result taken = manager.matriarch("backup");

        assertThat(taken.output()).containsPattern("V[45] in").contains("1000 rows");
        assertThat(taken.code()).isZero();
        assertThat(manager.matriarch("backups", "-o", "json").output())
                .contains("\"source\": \"" + manager.name() + "\"");
    }

    @Test
    @Order(4)
    void memberThatIsNoManagerSaysSo() {
        Command.Result refused = cluster.primary().matriarch("backup");

        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.output()).contains("This member is no manager");
    }

    private static Path archive() throws IOException {
        var listed = manager.matriarch("backups").output();
        var label = LABEL.matcher(listed);
        assertThat(label.find()).isTrue();
        return manager.stateDirectory()
                .resolve("repository/base")
                .resolve(label.group())
                .resolve(label.group() + ".tar.gz");
    }
}
