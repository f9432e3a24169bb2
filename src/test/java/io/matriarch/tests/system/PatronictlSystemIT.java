package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.Patronictl;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The packaged {@code patronictl} runs a Matriarch cluster; each command is judged by what became of it. */
@OnCluster
@Order(6)
class PatronictlSystemIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void listTopologyVersionAndDsnShowTheClusterAsItIs(MatriarchCluster cluster) {
        Patronictl ctl = Patronictl.of(cluster);
        Member primary = cluster.primary();
        Map<String, Map<?, ?>> listed = ctl.list();

        assertThat(listed).hasSize(cluster.members().size());
        for (Member member : cluster.members()) {
            Map<?, ?> row = listed.get(member.name());
            assertThat(row.get("Cluster")).isEqualTo(cluster.plan().scope());
            assertThat(row.get("Host")).isEqualTo("127.0.0.1:" + member.postgresPort());
            assertThat(row.get("Role")).isEqualTo(member.equals(primary) ? "Leader" : "Replica");
            // Newer versions of it say more about a replica.
            assertThat(row.get("State")).isIn("running", "streaming");
            assertThat(String.valueOf(row.get("TL"))).matches("\\d+");
        }
        assertThat(ctl.run("list")).contains("Lag", cluster.plan().scope(), "| Leader ");
        assertThat(ctl.run("topology"))
                .contains("+ " + cluster.replicas().get(0).name());
        assertThat(ctl.run("version").lines().filter(l -> l.contains(": Patroni ")))
                .as("one line for each member")
                .hasSize(cluster.members().size());
        assertThat(ctl.run("dsn", "--role", "leader")).contains("port=" + primary.postgresPort());
    }

    @Test
    void editedConfigurationTakesEffectOnEveryMember(MatriarchCluster cluster) throws IOException {
        Patronictl ctl = Patronictl.of(cluster);

        String edited = ctl.run("edit-config", "--force", "--pg", "work_mem=5MB", "--set", "my_note=kept");
        assertThat(edited).contains("+    work_mem: 5MB", "Configuration changed");
        everywhere(cluster, "work_mem", "5MB");
        assertThat(ctl.run("show-config")).contains("work_mem: 5MB", "my_note: kept");

        Path patch = Files.writeString(
                cluster.directory().resolve("patch.yml"),
                "my_note: null\npostgresql:\n  parameters:\n    work_mem: 6MB\n");
        assertThat(ctl.run("edit-config", "--force", "--apply", patch.toString()))
                .contains("Configuration changed");
        everywhere(cluster, "work_mem", "6MB");
        assertThat(ctl.run("edit-config", "--force", "--apply", patch.toString()))
                .contains("Not changed");

        ctl.run("edit-config", "--force", "--quiet", "--pg", "work_mem=null");
        everywhere(cluster, "work_mem", "4MB");
        assertThat(ctl.run("show-config")).doesNotContain("work_mem", "my_note");
    }

    @Test
    void switchoverAndFailoverMoveTheLeadershipAndAreRemembered(MatriarchCluster cluster) {
        Patronictl ctl = Patronictl.of(cluster);
        Member first = cluster.primary();
        Member second = cluster.replicas().get(1);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            String said = ctl.run("switchover", "--leader", first.name(), "--candidate", second.name(), "--force");
            assertThat(said).contains("Successfully switched over to \"" + second.name() + "\"");
            cluster.waitForLeader(second, Limits.SWITCHOVER);
            cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);

            said = ctl.run("failover", "--candidate", first.name(), "--force");
            assertThat(said).contains("over to \"" + first.name() + "\"");
            cluster.waitForLeader(first, Limits.SWITCHOVER);
            verdict = watch.finish();
        }

        List<Map<?, ?>> history = ctl.history();
        assertThat(history.stream().skip(history.size() - 2).map(row -> String.valueOf(row.get("New Leader"))))
                .as("history %s", history)
                .containsExactly(second.name(), first.name());
        assertThat(history)
                .allSatisfy(row -> assertThat(String.valueOf(row.get("LSN"))).matches("\\d+"));
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.SWITCHOVER);
    }

    @Test
    void scheduledSwitchoverIsListedFlushedOrCarriedOutInTime(MatriarchCluster cluster) {
        Patronictl ctl = Patronictl.of(cluster);
        Member first = cluster.primary();
        Member second = cluster.replicas().get(0);
        String[] far = {
            "--leader",
            first.name(),
            "--candidate",
            second.name(),
            "--scheduled",
            "2199-01-01T00:00:00+00:00",
            "--force"
        };

        assertThat(ctl.run("switchover", far)).contains("Switchover scheduled");
        assertThat(ctl.run("list")).contains("Switchover scheduled at: 2199-01-01", "from: " + first.name());
        assertThat(ctl.run("flush", "switchover", "--force")).contains("Success");
        assertThat(ctl.run("list")).doesNotContain("Switchover scheduled at");

        Instant at = Instant.now().plusSeconds(6).truncatedTo(ChronoUnit.SECONDS);
        far[5] = at.toString();
        assertThat(ctl.run("switchover", far)).contains("Switchover scheduled");
        cluster.waitForLeader(second, Limits.SWITCHOVER.plusSeconds(6));
        assertThat(Instant.now()).isAfter(at);
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        assertThat(ctl.run("list")).doesNotContain("Switchover scheduled at");
    }

    @Test
    void pausedClusterLetsADeadPrimaryBeUntilResumed(MatriarchCluster cluster) {
        Patronictl ctl = Patronictl.of(cluster);
        Member primary = cluster.primary();

        assertThat(ctl.run("pause", "--wait")).contains("Success: cluster management is paused");
        try {
            assertThat(ctl.run("list")).contains("Maintenance mode: on");
            assertThat(ctl.tryRun("pause").output()).contains("Cluster is already paused");
            Faults.stopPostgresByHand(primary);
            Eventually.holds(
                    "PostgreSQL of " + primary.name() + " is down",
                    SOON,
                    () -> primary.postmasterPid().isEmpty());
            Scenario.holdFor(
                    Duration.ofSeconds(8),
                    "nobody is primary",
                    () -> !cluster.describe().contains("=primary"));
        } finally {
            assertThat(ctl.run("resume", "--wait")).contains("Success: cluster management is resumed");
        }
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        assertThat(ctl.run("list")).doesNotContain("Maintenance mode");
    }

    @Test
    void restartReplacesThePostmasterOfTheNamedMembersOnly(MatriarchCluster cluster) throws SQLException {
        Patronictl ctl = Patronictl.of(cluster);
        Member primary = cluster.primary();
        Member restarted = cluster.replicas().get(0);
        Member other = cluster.replicas().get(1);
        long before = restarted.postmaster();
        long untouched = other.postmaster();

        assertThat(ctl.run("restart", restarted.name(), "--force"))
                .contains("Success: restart on member " + restarted.name());
        assertThat(restarted.postmaster()).isNotEqualTo(before);
        assertThat(other.postmaster()).isEqualTo(untouched);
        assertThat(ctl.run("restart", "--pending", "--force")).contains("restart conditions are not satisfied");

        long primaries = primary.postmaster();
        assertThat(ctl.run("restart", "--role", "leader", "--force"))
                .contains("Success: restart on member " + primary.name());
        assertThat(primary.postmaster()).isNotEqualTo(primaries);
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        assertThat(cluster.primary()).isEqualTo(primary);
    }

    @Test
    void restartIsPendingUntilEveryMemberWasRestarted(MatriarchCluster cluster) throws SQLException {
        Patronictl ctl = Patronictl.of(cluster);

        ctl.run("edit-config", "--force", "--pg", "track_activity_query_size=2048");
        Eventually.holds(
                "each member waits for a restart",
                SOON,
                () -> ctl.list().values().stream().allMatch(row -> "*".equals(row.get("Pending restart"))));
        assertThat(ctl.run("restart", "--pending", "--force")).doesNotContain("Failed");
        for (Member member : cluster.members()) {
            assertThat(Sql.ask(member.endpoint(), "show track_activity_query_size"))
                    .as(member.name())
                    .isEqualTo("2kB");
        }
        assertThat(ctl.list().values()).noneMatch(row -> "*".equals(row.get("Pending restart")));
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    @Test
    void reloadTakesUpTheMembersOwnFile(MatriarchCluster cluster) throws IOException {
        Patronictl ctl = Patronictl.of(cluster);
        Member member = cluster.replicas().get(0);
        String original = Files.readString(member.configuration());
        Files.writeString(
                member.configuration(),
                original.replace("  parameters:\n", "  parameters:\n    work_mem: '7MB'\n") + "tags:\n  rack: north\n");

        assertThat(ctl.run("reload", member.name(), "--force"))
                .contains("Reload request received for member " + member.name());
        setting(member, "work_mem", "7MB");
        Eventually.holds("the tag is listed", SOON, () -> ctl.run("list").contains("rack: north"));

        Files.writeString(member.configuration(), original.replace("/data\n", "/elsewhere\n"));
        assertThat(ctl.run("reload", member.name(), "--force"))
                .contains("Reload request received for member " + member.name());
        assertThat(member.agentLog()).content().contains("only a restart of the agent changes postgresql.data_dir");

        Files.writeString(member.configuration(), original);
        member.agent().signal("HUP");
        setting(member, "work_mem", "4MB");
        assertThat(member.agentRuns()).isTrue();
    }

    @Test
    void reinitClonesTheReplicaAnew(MatriarchCluster cluster) throws IOException {
        Patronictl ctl = Patronictl.of(cluster);
        Member member = cluster.replicas().get(0);
        Path mark = member.dataDirectory().resolve("only-in-the-old-data");
        Files.writeString(mark, "");

        assertThat(ctl.run("reinit", member.name(), "--force", "--wait"))
                .contains("Success: reinitialize for member " + member.name())
                .contains("Reinitialize is completed on: " + member.name());
        assertThat(mark).doesNotExist();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);

        Command.Result refused = ctl.tryRun("reinit", cluster.primary().name(), "--force");
        assertThat(refused.output()).contains("No replica among provided members");
    }

    private static void everywhere(MatriarchCluster cluster, String guc, String value) {
        cluster.members().forEach(m -> setting(m, guc, value));
    }

    private static void setting(Member member, String guc, String value) {
        Endpoint endpoint = member.endpoint();
        Eventually.find(guc + " = " + value + " on " + member.name(), SOON, () -> {
            String now = Sql.ask(endpoint, "select current_setting('" + guc + "')");
            return now.equals(value) ? Eventually.Look.found(true) : Eventually.Look.missing(now);
        });
    }
}
