package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Jobs that do not end by themselves: stopped, killed with their server, restarted; and what the records say of them afterwards. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JobsSystemIT {
    private static final Duration AT_ONCE = Duration.ofSeconds(20);
    private static final String RECORDS_PASSWORD = "only-for-records";
    private static final Pattern STARTED = Pattern.compile("Job ([0-9]+) runs");
    private static MatriarchCluster cluster;
    private static String configured = "";
    private static Member manager;

    @BeforeAll
    static void managerOnAReplica() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(2));
        Sql.execute(cluster.primary().endpoint(), "create table kept as select generate_series(1, 1000)");
        manager = cluster.replicas().get(0);
        manager.stop(MatriarchCluster.HEAL_LIMIT);
        manager.configure(Files.readString(manager.configuration())
                + "matriarch:\n  roles: [node, manager]\n  backup:\n" + Workplace.NO_SCHEDULES);
        startManager();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    @Order(1)
    void copyThatIsStoppedEndsAtOnceAndLeavesNothing() throws Exception {
        long checkpointer = freezeCheckpointer();
        try {
            long id = startAndSee("backup");

            Command.Result stopped = matriarch("jobs", "stop", id(id));

            assertThat(stopped.output()).contains("STOPPED: stopped as asked: no backup");
            assertThat(stopped.code()).isZero();
        } finally {
            Signals.send("CONT", checkpointer);
        }
        assertThat(backupFolders()).isEmpty();
        assertThat(children("pg_basebackup")).isEmpty();
        assertThat(matriarch("jobs", "--state", "STOPPED").output()).contains("base-backup");
    }

    @Test
    @Order(2)
    void jobThatDiedWithItsServerIsRecordedAsFailedAndBlocksNothing() throws Exception {
        long checkpointer = freezeCheckpointer();
        long id;
        try {
            id = startAndSee("backup");
            manager.agent().signal("KILL");
            manager.agent().awaitExit(AT_ONCE);
        } finally {
            Signals.send("CONT", checkpointer);
        }
        startManager();

        assertThat(matriarch("jobs", id(id)).output())
                .contains("FAILED", "interrupted: the manager stopped while it ran", "copy");
        assertThat(Files.readString(manager.agentLog())).contains("[job-interrupted] execution " + id);
        assertThat(matriarch("jobs", "--state", "RUNNING,STOPPING").output()).contains("No job has run.");
        Command.Result again = matriarch("jobs", "restart", id(id));
        assertThat(again.code()).isEqualTo(3);
        assertThat(again.output()).contains("cannot be restarted", "start a new one");
        assertThat(matriarch("backup").output()).containsPattern("V[45] in").contains("1000 rows");
    }

    @Test
    @Order(3)
    void verificationThatIsStoppedChangesNothingAndCanBeRestarted() throws Exception {
        long id = started(matriarch("verify", "--no-wait"));

        Command.Result stopped = matriarch("jobs", "stop", id(id));

        assertThat(stopped.output()).contains("STOPPED: stopped as asked; the backup is trusted as before");
        assertThat(work()).isEmpty();
        assertThat(matriarch("backups").output()).contains("VERIFIED").doesNotContain("SUSPECT");
        assertThat(matriarch("jobs", "restart", id(id)).output())
                .containsPattern("V[45] in")
                .contains("1000 rows");
        assertThat(matriarch("jobs", "restart", id(id)).output()).contains("was restarted before, as execution");
    }

    @Test
    @Order(4)
    void verificationThatDiedWithItsServerIsRestarted() throws Exception {
        long id = started(matriarch("verify", "--no-wait"));
        manager.agent().signal("KILL");
        manager.agent().awaitExit(AT_ONCE);
        startManager();

        Command.Result restarted = matriarch("jobs", "restart", id(id));

        assertThat(restarted.output()).containsPattern("V[45] in").contains("1000 rows");
        assertThat(restarted.code()).isZero();
        assertThat(work()).isEmpty();
        assertThat(matriarch("jobs", "abandon", id(id)).output()).contains("is ABANDONED");
    }

    @Test
    @Order(5)
    void wrongParametersAreNamedAndStartNothing() throws Exception {
        Command.Result wrong = matriarch("verify", "no/such");

        assertThat(wrong.code()).isEqualTo(3);
        var before = matriarch("jobs", "-o", "json").output();
        assertThat(matriarch("verify", "-label").code()).isEqualTo(2);
        Command.Result unknown = matriarch("verify", ".hidden");
        assertThat(unknown.code()).isEqualTo(3);
        assertThat(unknown.output()).contains("the parameter label is \".hidden\"; allowed is the label of a backup");
        assertThat(matriarch("jobs", "-o", "json").output()).isEqualTo(before);
    }

    @Test
    @Order(6)
    void damagedRecordsAreSetAsideAndBackupsGoOn() throws Exception {
        Path jobs = manager.stateDirectory().resolve("jobs");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(jobs)))
                .isEqualTo("rwx------");
        manager.stop(MatriarchCluster.HEAL_LIMIT);
        Files.writeString(jobs.resolve("jobs.mv.db"), "no database", StandardOpenOption.TRUNCATE_EXISTING);

        startManager();

        assertThat(Files.readString(manager.agentLog())).contains("ERROR the records of the jobs are damaged");
        try (var files = Files.list(jobs)) {
            assertThat(files.map(f -> f.getFileName().toString())).anyMatch(name -> name.startsWith("jobs-damaged-"));
        }
        assertThat(matriarch("jobs").output()).contains("No job has run.");
        assertThat(matriarch("backups").output()).contains("VERIFIED");
        assertThat(matriarch("verify").output()).containsPattern("V[45] in");
    }

    @Test
    @Order(7)
    void theManagedClusterKeepsNoRecords() throws Exception {
        manager.stop(MatriarchCluster.HEAL_LIMIT);
        keepRecordsAt(
                cluster.primary().host().address() + ":" + cluster.primary().postgresPort(), "postgres");

        startManager();

        assertThat(Files.readString(manager.agentLog()))
                .contains("must not keep the records of jobs: it is a member of the managed cluster")
                .contains("are kept in " + manager.stateDirectory().resolve("jobs/jobs.mv.db"));
        assertThat(matriarch("jobs").output()).contains("verify-backup");
        assertThat(Sql.ask(
                        cluster.primary().endpoint(), "select count(*) from pg_namespace where nspname like 'jobs%'"))
                .isEqualTo("0");
    }

    /** What an earlier start left in the file stays there; another manager's schema in the same database is not touched. */
    @Test
    @Order(8)
    void recordsInAnotherPostgresqlOutliveTheServer() throws Exception {
        try (var records = SinglePostgres.init()) {
            records.start();
            records.ask("create role records login password '" + RECORDS_PASSWORD + "'");
            records.ask("create database records owner records");
            manager.stop(MatriarchCluster.HEAL_LIMIT);
            keepRecordsAt("127.0.0.1:" + records.port(), "records");
            startManager();
            assertThat(matriarch("jobs").output()).contains("No job has run.");

            long checkpointer = freezeCheckpointer();
            long id;
            try {
                id = startAndSee("backup");
                assertThat(processesShow(RECORDS_PASSWORD)).isFalse();
                manager.agent().signal("KILL");
                manager.agent().awaitExit(AT_ONCE);
            } finally {
                Signals.send("CONT", checkpointer);
            }
            startManager();

            assertThat(matriarch("jobs", id(id)).output())
                    .contains("FAILED", "interrupted: the manager stopped while it ran", "copy");
            assertThat(matriarch("backup").output()).containsPattern("V[45] in").contains("1000 rows");
            assertThat(matriarch("jobs", "--job", "base-backup").output()).contains("COMPLETED", "FAILED");
            manager.stop(MatriarchCluster.HEAL_LIMIT);
        }
    }

    private static void keepRecordsAt(String address, String database) throws IOException {
        Path secret = manager.stateDirectory().resolveSibling("records.secret");
        Files.writeString(secret, database.equals("postgres") ? Endpoint.PASSWORD : RECORDS_PASSWORD);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Workplace.giveToPostgres(secret);
        if (configured.isEmpty()) {
            configured = Files.readString(manager.configuration());
        }
        String user = database.equals("postgres") ? Endpoint.USER : database;
        manager.configure(configured + "  jobs:\n    repository: {address: '" + address + "', database: " + database
                + ", username: " + user + ", password_file: " + secret + "}\n");
    }

    private static boolean processesShow(String text) {
        return Signals.tree(manager.agent().pid()).stream()
                .anyMatch(pid -> Signals.title(pid).contains(text));
    }

    private static void startManager() {
        manager.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    /** A copy begins with a checkpoint, which then does not come: the job stays in its midst until it is let go. */
    private static long freezeCheckpointer() throws SQLException {
        long pid = Long.parseLong(Sql.ask(
                cluster.primary().endpoint(), "select pid from pg_stat_activity where backend_type = 'checkpointer'"));
        Signals.send("STOP", pid);
        return pid;
    }

    private static long startAndSee(String command) {
        long id = started(matriarch(command, "--no-wait"));
        Eventually.holds(
                "the copy has begun", AT_ONCE, () -> !children("pg_basebackup").isEmpty());
        return id;
    }

    private static List<Long> children(String program) {
        return Signals.tree(manager.agent().pid()).stream()
                .filter(pid -> Signals.title(pid).contains(program))
                .toList();
    }

    private static long started(Command.Result result) {
        var said = STARTED.matcher(result.output());
        assertThat(said.find()).as(result.output()).isTrue();
        return Long.parseLong(said.group(1));
    }

    private static List<Path> backupFolders() throws IOException {
        Path base = manager.stateDirectory().resolve("repository/base");
        if (!Files.isDirectory(base)) {
            return List.of();
        }
        try (var files = Files.list(base)) {
            return files.toList();
        }
    }

    private static List<Path> work() throws IOException {
        try (var files = Files.list(manager.stateDirectory().resolve("work"))) {
            // The stream's segment stays as long as the stream.
            return files.filter(file -> !file.endsWith("wal")).toList();
        }
    }

    private static String id(long id) {
        return Long.toString(id);
    }

    private static Command.Result matriarch(String... command) {
        return manager.matriarch(command);
    }
}
