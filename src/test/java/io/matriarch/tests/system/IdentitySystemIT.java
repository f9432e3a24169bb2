package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Daemon;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.Scenario;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Members that do not belong here, or whose configuration is wrong. */
@OnCluster
@Order(4)
class IdentitySystemIT {
    private static final Duration ENDS = Duration.ofSeconds(60);

    @Test
    void dataOfAnotherClusterIsNeitherJoinedNorTouched(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Member stranger = cluster.addMember(Optional.empty(), "stranger");
        List<String> initdb = new ArrayList<>(asPostgres());
        initdb.addAll(List.of(
                Workplace.postgresBin().resolve("initdb").toString(),
                "-D",
                stranger.dataDirectory().toString()));
        Command.run(initdb);
        String identity = systemIdentifier(stranger);
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            stranger.start();
            Scenario.holdFor(
                    Duration.ofSeconds(25),
                    "the stranger does not stream",
                    () -> Sql.ask(
                                    primary.endpoint(),
                                    "select count(*) from pg_stat_replication where application_name = 'stranger'")
                            .equals("0"));
            verdict = watch.finish();
        } finally {
            stranger.destroy();
        }

        assertThat(systemIdentifier(stranger)).isEqualTo(identity);
        assertThat(stranger.agentLog()).content().containsIgnoringCase("system identifier");
        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void configurationThatIsDeletedOrBrokenComesBackAsItWas(MatriarchCluster cluster) throws IOException {
        String key = "/service/" + cluster.plan().scope() + "/config";
        String before = cluster.etcd().value(key);
        String changed = before.replaceFirst("\\{", "{\"maximum_lag_on_syncnode\": 12345, ");
        cluster.etcd().put(key, changed);
        cluster.members()
                .forEach(member -> Eventually.holds(
                        member.name() + " knows it",
                        ENDS,
                        () -> Files.readString(member.dataDirectory().resolve("patroni.dynamic.json"))
                                .equals(changed)));
        try {
            for (String loss : List.of("", "[no object")) {
                if (loss.isEmpty()) {
                    cluster.etcd().delete(key);
                } else {
                    cluster.etcd().put(key, loss);
                }
                Eventually.holds(
                        "the configuration is back",
                        ENDS,
                        () -> cluster.etcd().value(key).equals(changed));
            }
        } finally {
            cluster.etcd().put(key, before);
        }
    }

    @Test
    void secondMemberOfTheSameNameIsRefused(MatriarchCluster cluster) {
        Member primary = cluster.primary();
        Verdict verdict;
        try (Watch watch = Watch.over(cluster)) {
            for (String taken : List.of(cluster.replicas().get(0).name(), primary.name())) {
                Member twin = cluster.addMember(Optional.of(taken), "twin-of-" + taken);
                try {
                    twin.start();
                    assertThat(twin.agent().awaitExit(ENDS))
                            .as("exit code of the twin of " + taken)
                            .isEqualTo(1);
                    assertThat(twin.dataDirectory()).doesNotExist();
                    assertThat(twin.agentLog()).content().contains(taken);
                } finally {
                    twin.destroy();
                }
            }
            verdict = watch.finish();
        }

        assertThat(cluster.primary()).isEqualTo(primary);
        verdict.assertNeverTwo().assertNothingLost().assertSilenceAtMost(Limits.UNDISTURBED);
    }

    @Test
    void wrongConfigurationIsRefusedWithAllItsProblemsAtOnce(MatriarchCluster cluster) throws IOException {
        Path folder = cluster.directory().resolve("broken");
        Workplace.ownedByPostgres(folder);
        Path file = folder.resolve("broken.yml");
        Files.writeString(file, """
                scope: herd
                restapi:
                  listen: 127.0.0.1:notaport
                etcd3:
                  hosts: 127.0.0.1:2379
                bootstrap:
                  dcs:
                    ttl: soon
                postgresql:
                  listen: 127.0.0.1:5432
                  connect_address: 127.0.0.1:5432
                  dta_dir: %s
                """.formatted(folder.resolve("data")));
        List<String> command = new ArrayList<>(Workplace.launcher());
        command.addAll(List.of(
                "run", file.toString(), "--state-dir", folder.resolve("state").toString()));

        Command.Result result = Command.tryRun(command);

        assertThat(result.code()).as(result.output()).isEqualTo(2);
        // The name is missing, two values are wrong, and one key is misspelt.
        assertThat(result.output().lines())
                .contains(
                        file + ": error: name: is missing; this member's name, unique in the cluster",
                        file + ":3: error: restapi.listen: \"127.0.0.1:notaport\" is not allowed;"
                                + " allowed: host:port, the port from 1 to 65535",
                        file + ":8: error: bootstrap.dcs.ttl: \"soon\" is not allowed;"
                                + " allowed: a whole number from 3 to 2147483647",
                        file + ":12: warning: postgresql.dta_dir: unknown key, ignored; did you mean \"data_dir\"?");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void wholeConfigurationMayComeInAVariable(MatriarchCluster cluster) throws IOException {
        Member late = cluster.addMember(Optional.empty(), "late");
        String yaml = Files.readString(late.configuration());
        Files.delete(late.configuration());
        List<String> command = new ArrayList<>(Workplace.launcher());
        command.addAll(List.of("run", "--state-dir", late.stateDirectory().toString()));
        Daemon agent = Daemon.start(
                "agent of late",
                command,
                // Beside the whole, the single variables count for nothing.
                Map.of("PATRONI_CONFIGURATION", yaml, "PATRONI_NAME", "overridden"),
                late.agentLog());
        try {
            Eventually.find("the late member streams under its name", MatriarchCluster.HEAL_LIMIT, () -> {
                Http.Answer answer = late.http().get(late.restUrl("/replica"));
                boolean named = answer.body().contains("\"name\": \"late\"");
                return answer.status() == 200 && named
                        ? Eventually.Look.found(true)
                        : Eventually.Look.missing(answer.toString());
            });
        } finally {
            agent.stop(Duration.ofSeconds(20));
            late.destroy();
        }
    }

    @Test
    void fileThatIsNotYamlIsRefused(MatriarchCluster cluster) throws IOException {
        Path file = cluster.directory().resolve("torn.yml");
        Files.writeString(file, "scope: [herd\nname: pg1\n  restapi: {");
        List<String> command = new ArrayList<>(Workplace.launcher());
        command.addAll(List.of(
                "run",
                file.toString(),
                "--state-dir",
                cluster.directory().resolve("torn").toString()));

        Command.Result result = Command.tryRun(command);

        assertThat(result.code()).as(result.output()).isEqualTo(2);
        assertThat(result.output()).contains("torn.yml");
    }

    private static List<String> asPostgres() {
        return Workplace.root()
                ? List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups")
                : List.of();
    }

    private static String systemIdentifier(Member member) {
        String control = Command.run(
                Workplace.postgresBin().resolve("pg_controldata").toString(),
                member.dataDirectory().toString());
        return control.lines()
                .filter(line -> line.contains("system identifier"))
                .findFirst()
                .orElseThrow();
    }
}
