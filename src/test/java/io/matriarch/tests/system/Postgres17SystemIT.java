package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Postgres17;
import io.matriarch.tests.support.RestoredServer;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What runs on PostgreSQL 17: backups that build on each other, with a tablespace, and a cluster that fails over between two of them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Postgres17SystemIT {
    /** Everything that a restore of the newest backup has to bring back. */
    private static final String ROWS =
            "select (select count(*) || ' ' || sum(hashtext(v)) from kept), (select count(*) from aside)";

    private static MatriarchCluster cluster;
    private static Member manager;
    private static Member other;

    @BeforeAll
    static void oneMember() throws Exception {
        var plan = ClusterPlan.threeMembers()
                .withMembers(2)
                .withParameter("summarize_wal", "on")
                .withPostgres(Postgres17.bin());
        cluster = MatriarchCluster.prepare(plan, List.of(), List.of());
        manager = cluster.members().get(0);
        other = cluster.members().get(1);
        manager.configure(Files.readString(manager.configuration())
                + "matriarch:\n  roles: [node, manager]\n  backup:\n" + Workplace.NO_SCHEDULES);
        cluster.startMembers(List.of(manager));
        Path tablespace = manager.directory().resolve("tablespace");
        Workplace.ownedByPostgres(tablespace);
        execute("create tablespace aside location '" + tablespace + "'");
        execute("create table aside (n int) tablespace aside");
        execute("insert into aside select generate_series(1, 5000)");
        execute("create table kept as select n, md5(n::text) as v from generate_series(1, 200000) as n");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static void execute(String statement) throws SQLException {
        Sql.execute(cluster.primary().endpoint(), statement);
    }

    private static String rows() throws SQLException {
        return Sql.ask(cluster.primary().endpoint(), ROWS.replace("),", ") || '|' ||"));
    }

    @Test
    @Order(1)
    void withoutABackupToBuildOnAnIncrementalOneIsRefused() {
        var refused = matriarch("backup", "--incremental");

        assertThat(refused.output()).contains("no incremental backup can be taken", "no backup to build on");
        assertThat(refused.code()).isEqualTo(1);
    }

    @Test
    @Order(2)
    void incrementalBackupsAreSmallAndProvenWithAllThatTheyBuildOn() throws Exception {
        assertThat(Sql.ask(manager.endpoint(), "show server_version")).startsWith("17.");
        take();
        execute("update kept set v = 'changed' where n <= 500");
        execute("insert into aside select generate_series(5001, 6000)");
        take("--incremental");
        execute("delete from kept where n > 199000");
        take("--incremental");

        var backups = backups();
        assertThat(backups.get(0).parent()).isEmpty();
        assertThat(backups.get(1).parent()).contains(backups.get(0).label());
        assertThat(backups.get(2).parent()).contains(backups.get(1).label());
        assertThat(backups.get(1).storedBytes()).isLessThan(backups.get(0).storedBytes() * 3 / 4);
        assertThat(matriarch("backups").output())
                .containsPattern(backups.get(2).label() + " +incr +VERIFIED .*"
                        + backups.get(1).label())
                .containsPattern(backups.get(0).label() + " +full +VERIFIED");
    }

    @Test
    @Order(3)
    void newestIsRestoredWithItsTablespace() throws Exception {
        assertThat(matriarch("wal").code()).isZero();
        try (var restored = new RestoredServer(manager.directory().resolve("restored"))) {
            var result =
                    matriarch("restore", "--immediate", "--to", restored.data().toString());

            assertThat(result.output()).contains("is restored in");
            assertThat(result.code()).isZero();
            assertThat(restored.ask(ROWS)).isEqualTo(rows());
            assertThat(restored.home().resolve("chain")).doesNotExist();
            assertThat(restored.ask("select pg_tablespace_location(oid) from pg_tablespace where spcname = 'aside'"))
                    .startsWith(restored.data() + ".tablespaces/");
        }
    }

    @Test
    @Order(4)
    void newestIsRestoredByPublicToolsAlone() throws Exception {
        Path home = Workplace.newDirectory();
        Workplace.ownedByPostgres(home);
        Path data = home.resolve("data");
        var script = Workplace.checkout().resolve("deploy/samples/restore-backup");
        var newest = repository().resolve(backups().getLast().label());

        asPostgres("env", "PG_BINDIR=" + Postgres17.bin(), script.toString(), newest.toString(), data.toString());

        Files.writeString(
                data.resolve("postgresql.conf"),
                "listen_addresses = ''\nunix_socket_directories = '" + home
                        + "'\nsummarize_wal = off\nmax_connections = 100\nmax_worker_processes = 20\nmax_wal_senders = 20\n");
        Files.writeString(data.resolve("pg_hba.conf"), "local all all trust\n");
        Files.deleteIfExists(data.resolve("postgresql.auto.conf"));
        pgCtl("start", data, "--log=" + home.resolve("log"));
        try {
            assertThat(asPostgres(
                                    Postgres17.bin().resolve("psql").toString(),
                                    "-XAtq",
                                    "-h",
                                    home.toString(),
                                    "-U",
                                    "postgres",
                                    "-c",
                                    ROWS)
                            .strip())
                    .isEqualTo(rows());
        } finally {
            pgCtl("stop", data, "--mode=immediate");
            Workplace.remove(home);
        }
    }

    private static void pgCtl(String command, Path data, String option) {
        asPostgres(Postgres17.bin().resolve("pg_ctl").toString(), command, "--wait", "--pgdata=" + data, option);
    }

    private static String asPostgres(String... words) {
        var command = new ArrayList<>(SinglePostgres.asPostgres());
        command.addAll(List.of(words));
        return Command.run(command);
    }

    @Test
    @Order(5)
    void damagedParentMakesSuspectWhatBuildsOnItUntilItIsWholeAgain() throws Exception {
        var labels = backups().stream().map(BackupDescription::label).toList();
        Path part = repository().resolve(labels.get(1)).resolve("base.tar.zst");
        flipInTheMiddle(part);

        var verified = matriarch("verify", labels.get(2));

        assertThat(verified.output())
                .contains("is SUSPECT, since it builds on " + labels.get(1), "is not what was stored");
        assertThat(verified.code()).isEqualTo(1);
        assertThat(matriarch("backups").output())
                .containsPattern(labels.get(0) + " .* VERIFIED")
                .containsPattern(labels.get(1) + " .* SUSPECT")
                .containsPattern(labels.get(2) + " .* SUSPECT .*it builds on " + labels.get(1) + ", which is suspect");
        assertThat(matriarch(
                                "restore",
                                "--immediate",
                                "--dry-run",
                                "--label",
                                labels.get(2),
                                "--to",
                                manager.directory().resolve("never").toString())
                        .output())
                .contains("which is suspect");
        flipInTheMiddle(part);
        assertThat(matriarch("verify", labels.get(1)).code()).isZero();
        assertThat(matriarch("backups").output()).containsPattern(labels.get(2) + " .* VERIFIED");
    }

    private static void flipInTheMiddle(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long middle = bytes.length() / 2;
            bytes.seek(middle);
            int before = bytes.read();
            bytes.seek(middle);
            bytes.write(before ^ 1);
        }
    }

    @Test
    @Order(6)
    void killedPostmasterCostsSecondsAndTheNextBackupBuildsOnTheOneFromBefore() throws Exception {
        // Both members are on this machine: a tablespace of the one would be that of the other.
        execute("drop table aside");
        execute("drop tablespace aside");
        other.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        take();
        // A switch of timelines right at the end of the backup's last segment is where PostgreSQL's summaries have a
        // hole.
        execute("insert into kept values (0, 'after the backup')");
        var before = Sql.ask(manager.endpoint(), "select count(*) from kept");
        cluster.waitCaughtUp(MatriarchCluster.HEAL_LIMIT);
        Faults.killPostmaster(manager);
        assertThat(cluster.waitForOtherLeader(manager, Limits.CRASH)).isEqualTo(other);
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        assertThat(Sql.ask(other.endpoint(), "select count(*) from kept")).isEqualTo(before);

        take("--incremental");

        var backups = backups();
        assertThat(backups.getLast().parent()).contains(backups.get(3).label());
        assertThat(backups.getLast().timeline()).isGreaterThan(backups.get(3).timeline());
        assertThat(matriarch("backups").output())
                .containsPattern(backups.getLast().label() + " +incr +VERIFIED");
    }

    @Test
    @Order(7)
    void withoutSummariesAFullBackupTakesItsPlaceUnlessNoOtherWillDo() throws Exception {
        var leader = cluster.primary();
        // Above the member's own file stands only what was set by SQL.
        Sql.execute(leader.endpoint(), "alter system set summarize_wal = off");
        Sql.execute(leader.endpoint(), "select pg_reload_conf()");
        Eventually.holds(
                "summarize_wal off",
                Duration.ofSeconds(20),
                () -> Sql.ask(leader.endpoint(), "show summarize_wal").equals("off"));

        var refused = matriarch("backup", "--incremental");
        assertThat(refused.output()).contains("summarize_wal is off");
        assertThat(refused.code()).isEqualTo(1);
        cluster.configure("{\"matriarch\":{\"backup\":{\"incremental\":{\"full_every\":\"1d\"}}}}");
        int before = backups().size();
        Command.run(
                "curl",
                "-sSf",
                "-H",
                "Content-Type: application/json",
                "-d",
                "{\"job\":\"base-backup\",\"parameters\":{\"incremental\":\"may\"}}",
                manager.restUrl("/matriarch/v1/jobs"));
        Eventually.holds(
                "another backup", Duration.ofSeconds(60), () -> backups().size() > before);

        assertThat(backups().getLast().parent()).isEmpty();
        assertThat(backups().getLast().note())
                .hasValueSatisfying(why -> assertThat(why).contains("summarize_wal is off"));
    }

    private static void take(String... options) {
        var taken = matriarch("backup", options);

        assertThat(taken.output()).containsPattern("V[45] in");
        assertThat(taken.code()).isZero();
    }

    private static Path repository() {
        return manager.stateDirectory().resolve("repository/base");
    }

    /** By time. */
    private static List<BackupDescription> backups() {
        try (var folders = Files.list(repository())) {
            var all = new ArrayList<BackupDescription>();
            for (Path folder : folders.toList()) {
                Path description = folder.resolve(BackupDescription.FILE);
                if (Files.exists(description)) {
                    all.add(BackupDescription.parse(Files.readString(description)));
                }
            }
            all.sort(Comparator.comparing(BackupDescription::startedAt));
            return all;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Command.Result matriarch(String command, String... options) {
        var all = new ArrayList<>(Workplace.launcher());
        all.addAll(List.of(command, "--url", manager.restUrl("").replaceFirst("/$", "")));
        all.addAll(List.of(options));
        return Command.tryRun(all);
    }
}
