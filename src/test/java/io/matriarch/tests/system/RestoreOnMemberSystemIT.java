package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Gates;
import io.matriarch.tests.support.Gates.Where;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.RestoredServer;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A manager without PostgreSQL has a replica's machine restore beside the replica, while the cluster runs. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestoreOnMemberSystemIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final String LOGIN =
            "restapi:\n  authentication:\n    username: matriarch\n    password: quite-secret\n";
    private static MatriarchCluster cluster;
    private static Member manager;
    private static Member node;
    private static String target;
    private static int places;
    private static Gates gates;
    private static RestoredServer killed;

    private RestoredServer restored;

    /** In this order, each with a program that it runs on the node. */
    private enum Step {
        PLAN("mkdir", Where.BEFORE, ".restore/wal"),
        PRECHECK("touch", Where.BEFORE, "matriarch.restore"),
        WAL("pg_waldump", Where.BEFORE, ".restore/wal"),
        EXTRACT("tar", Where.HALF, "killed"),
        CONFIGURE("touch", Where.BEFORE, "killed/recovery.signal"),
        RECOVER("pg_ctl", Where.BEFORE, "start"),
        PROMOTE("pg_ctl", Where.BEFORE, "promote"),
        VERIFY("psql", Where.BEFORE, "dbname='template1'"),
        HANDOVER("rm", Where.BEFORE, ".restore/wal");

        private final String program;
        private final Where where;
        private final String pattern;

        Step(String program, Where where, String pattern) {
            this.program = program;
            this.where = where;
            this.pattern = pattern;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static List<String> done(RestoredServer server) {
            return Stream.of(values()).map(Step::word).filter(server::isDone).toList();
        }

        private List<String> before() {
            return Stream.of(values()).limit(ordinal()).map(Step::word).toList();
        }
    }

    @BeforeAll
    static void backupAndWhatCameAfterIt() throws Exception {
        cluster = MatriarchCluster.prepare(ClusterPlan.threeMembers().withMembers(2), List.of(), List.of());
        for (var member : cluster.members()) {
            withLogin(member, "");
        }
        cluster.startMembers();
        var repository = cluster.directory().resolve("repository");
        Workplace.ownedByPostgres(repository);
        manager = cluster.addMember(Optional.of("m1"), "m1");
        withLogin(
                manager,
                "matriarch:\n  roles: manager\n  backup:\n    repository: " + repository + "\n    verify: false\n"
                        + Workplace.NO_SCHEDULES);
        manager.start();
        node = cluster.replicas().getFirst();
        gates = Gates.in(cluster.directory().resolve("programs"));
        node.configure(Files.readString(node.configuration())
                .replace("bin_dir: " + Workplace.postgresBin(), "bin_dir: " + gates.directory()));
        killAgent(node);
        startNode();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        killed = new RestoredServer(node.directory().resolve("killed"));
        var primary = cluster.primary().endpoint();
        // Some seconds of copying, so that there is a middle.
        Sql.execute(
                primary,
                "create table kept as select n, md5(n::text) || md5((-n)::text) as sum from generate_series(1, 600000) as n");
        Eventually.holds("a backup", LIMIT, () -> matriarch("backup").code() == 0);
        Sql.execute(primary, "insert into kept select n, '' from generate_series(600001, 600100) as n");
        target = Sql.ask(
                primary, "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
        Sql.execute(primary, "drop table kept");
        Sql.execute(primary, "create table later as select 1");
        Sql.ask(primary, "select pg_switch_wal()");
        Eventually.holds(
                "the moment can be restored",
                LIMIT,
                () -> restoreTo(node.directory().resolve("never"), "--target-time", target, "--dry-run")
                                .code()
                        == 0);
    }

    private static void withLogin(Member member, String more) throws IOException {
        member.configure(Files.readString(member.configuration()).replace("restapi:\n", LOGIN) + more);
    }

    private static void killAgent(Member member) {
        Signals.send("KILL", member.agent().pid());
        Eventually.holds(member.name() + " gone", LIMIT, () -> !member.agentRuns());
    }

    private static void startNode() {
        node.start(Map.of("PATH", gates.directory() + ":" + System.getenv("PATH")));
    }

    @AfterAll
    static void stop() {
        gates.open();
        killed.close();
        manager.destroy();
        cluster.close();
    }

    @BeforeEach
    void place() {
        places++;
        restored = new RestoredServer(node.directory().resolve("aside" + places));
    }

    @AfterEach
    void remove() {
        restored.close();
    }

    @Test
    void aMomentComesBackBesideTheReplicaWhichGoesOn() throws Exception {
        long postmaster = node.postmaster();

        var result = restore();

        assertThat(result.output())
                .contains(
                        "is restored in " + restored.data() + " on " + node.name() + " (127.0.0.1)",
                        "psql -h 127.0.0.1");
        assertThat(result.code()).isZero();
        isWhole();
        assertThat(restored.ask("show archive_mode")).isEqualTo("off");
        assertThat(manager.directory().resolve("aside" + places)).doesNotExist();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        assertThat(node.postmaster()).isEqualTo(postmaster);
    }

    @ParameterizedTest
    @EnumSource
    @Order(1)
    void aManagerKilledInEachStepOfItsNode(Step step) {
        gates.arm(step.program, step.where, step.pattern);
        assertThat(restoreTo(killed.data(), "--target-time", target, "--no-wait")
                        .code())
                .isZero();
        Eventually.holds(step + " is reached", LIMIT, () -> gates.reached(step.program));
        killAgent(manager);
        assertThat(Step.done(killed)).isEqualTo(step.before());
        gates.open();

        manager.start();
        awaitManager();
    }

    @Test
    @Order(2)
    void theRestoreThatWasKilledInEachStepIsComplete() throws Exception {
        var result = restoreTo(killed.data(), "--target-time", target);

        assertThat(result.output()).contains("is restored in " + killed.data());
        assertThat(result.code()).isZero();
        isWhole(killed);
        assertThat(Step.done(killed)).hasSize(Step.values().length);
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    @Test
    void anAgentKilledWhileItUnpacksGoesOnByItself() throws IOException {
        var started = restore("--no-wait", "-o", "json");
        assertThat(started.code()).as(started.output()).isZero();
        Eventually.holds("WAL is fetched", LIMIT, () -> restored.isDone("wal"));
        killAgent(node);
        assertThat(restored.isDone("extract")).as("it was the middle").isFalse();
        startNode();

        Eventually.holds("it is done after all", LIMIT, () -> restored.isDone("handover"));
        isWhole();
        Eventually.holds(
                "so says the manager",
                LIMIT,
                () -> matriarch("jobs", "-o", "json").output().contains("is restored in " + restored.data()));
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    @Test
    void onlyTheElectedManagerMayCommand() throws Exception {
        assertThat(restore("--dry-run").code()).isZero();
        var task = "{\"token\": 1, \"manager\": \"old\", \"source\": \"" + manager.restUrl("")
                + "\", \"kind\": \"restore\", \"order\": {\"step\": \"plan\", \"request\": {\"directory\": \""
                + restored.data() + "\"}}}";

        var stale = put(node.restUrl("/matriarch/v1/node/tasks/late"), task, "matriarch:quite-secret");
        assertThat(stale).startsWith("409").contains("STALE", "another manager is elected");
        assertThat(put(node.restUrl("/matriarch/v1/node/tasks/late"), task, "matriarch:guessed"))
                .startsWith("401");
        assertThat(node.http()
                        .get(manager.restUrl("/matriarch/v1/repository/objects"))
                        .status())
                .isEqualTo(401);
        assertThat(restored.home()).doesNotExist();
    }

    @Test
    void whatTheMemberNeedsIsNeverTouched() throws IOException {
        var link = node.directory().resolve("link");
        Files.createSymbolicLink(link, node.dataDirectory());

        for (Path place : List.of(node.dataDirectory(), node.dataDirectory().resolve("aside"), link.resolve("aside"))) {
            var refused = restoreTo(place, "--set-aside");
            assertThat(refused.output()).contains("lies in, or holds, the data directory of this member");
            assertThat(refused.code()).isEqualTo(3);
        }
        assertThat(restoreTo(node.stateDirectory().resolve("aside")).output()).contains("the state of this member");
        var nobody = matriarch("restore", "--to", "/srv/aside", "--on", "pg9");
        assertThat(nobody.output()).contains("no member pg9", "pg1, pg2");
        assertThat(nobody.code()).isEqualTo(3);
    }

    private void isWhole() throws IOException {
        isWhole(restored);
    }

    private static void isWhole(RestoredServer server) throws IOException {
        assertThat(server.ask("select count(*), count(distinct sum), pg_is_in_recovery() from kept"))
                .isEqualTo("600100|600001|f");
        assertThat(server.data().resolve("matriarch.restore")).doesNotExist();
        assertThat(server.home().resolve("wal")).doesNotExist();
    }

    private static void awaitManager() {
        Eventually.holds("the manager", LIMIT, () -> matriarch("jobs").code() == 0);
    }

    /** Status and body. */
    private static String put(String url, String body, String login) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url))
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)))
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }

    private Command.Result restore(String... options) {
        var all = new ArrayList<>(List.of("--target-time", target));
        all.addAll(List.of(options));
        return restoreTo(restored.data(), all.toArray(String[]::new));
    }

    private static Command.Result restoreTo(Path directory, String... options) {
        var all = new ArrayList<>(List.of("restore", "--to", directory.toString(), "--on", node.name()));
        all.addAll(List.of(options));
        return matriarch(all.toArray(String[]::new));
    }

    private static Command.Result matriarch(String... words) {
        var all = new ArrayList<>(Workplace.launcher());
        all.addAll(List.of(words));
        all.addAll(List.of("--config", manager.configuration().toString()));
        return Command.tryRun(all);
    }
}
