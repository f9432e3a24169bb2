package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Lsn;
import io.matriarch.tests.stores.Azurite;
import io.matriarch.tests.stores.Keys;
import io.matriarch.tests.stores.S3Mock;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.SmallDisk;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Backups into every kind of repository by the server as it is installed, encrypted, each proven by a restore. */
class StoresSystemIT {
    private static final Pattern LABEL = Pattern.compile("basebackup_[0-9]{8}T[0-9]{6}Z");
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static MatriarchCluster cluster;
    private static Member member;
    private static String configuration;
    private static Path secrets;

    @BeforeAll
    static void oneMember() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1));
        member = cluster.members().getFirst();
        configuration = Files.readString(member.configuration());
        Sql.execute(cluster.primary().endpoint(), "create table kept as select generate_series(1, 1000)");
        secrets = Workplace.newDirectory();
    }

    @AfterAll
    static void stop() {
        cluster.close();
        Workplace.remove(secrets);
    }

    @Test
    void s3HoldsABackupThatIsProven() throws Exception {
        try (var store = S3Mock.start()) {
            managerWith(
                    "s3://" + S3Mock.BUCKET + "/team/demo", """
                        endpoint: %s
                        access_key: nobody
                        secret_key_file: %s
                    """.formatted(store.endpoint(), secret("s3", "no-secret")));

            backupIsProven();
            storeThatStandsStillIsWaitedFor(store);
        }
    }

    /** As slow as a store can be: it answers nothing for a while, and then goes on. */
    private static void storeThatStandsStillIsWaitedFor(S3Mock store) throws Exception {
        var before = matriarch("backups").output();
        Signals.send("STOP", store.pid());
        var durable = wal("durable_lsn");
        var end = endSegment();
        try {
            assertThat(matriarch("backup", "--no-wait").output()).contains("runs");
            Eventually.holds(
                    "the leader has sent all its WAL",
                    LIMIT,
                    () -> Sql.ask(
                                    cluster.primary().endpoint(),
                                    "select bool_and(sent_lsn >= '" + end + "') from pg_stat_replication"
                                            + " where application_name like 'matriarch%'")
                            .equals("t"));
            assertThat(wal("durable_lsn")).isEqualTo(durable);
        } finally {
            Signals.send("CONT", store.pid());
        }

        Eventually.holds(
                "the backup is proven",
                LIMIT,
                () -> matriarch("jobs", "--state", "COMPLETED").output().lines().count() > 0
                        && !matriarch("backups").output().equals(before)
                        && !matriarch("backups").output().contains("COPIED"));
        Eventually.holds(
                "the WAL is durable", LIMIT, () -> Lsn.parse(wal("durable_lsn")).isAtLeast(end));
        assertThat(matriarch("backups").output()).doesNotContain("SUSPECT");
    }

    @Test
    @EnabledIf("io.matriarch.tests.support.SmallDisk#possible")
    void repositoryThatTakesNothingIsSaidAndHealsByItself() throws Exception {
        Path repository = secrets.resolve("small");
        Workplace.ownedByPostgres(repository);
        try (var disk = SmallDisk.mount(repository, 256)) {
            managerWith(repository.toString(), "");
            Eventually.holds("the stream runs", LIMIT, () -> matriarch("wal").code() == 0);

            disk.fill();
            nothingIsStored(repository, "free", disk::fill);
            disk.free();
            everythingIsStored();

            disk.readOnly(true);
            nothingIsStored(repository, "Read-only file system", () -> {});
            disk.readOnly(false);
            everythingIsStored();
            backupIsProven();
        }
    }

    /** @param again keeps the fault up: what was being written when it came may have given room free */
    private static void nothingIsStored(Path repository, String why, Runnable again) throws Exception {
        Command.Result failed = matriarch("backup");

        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.output()).contains("no backup: ", why);
        var end = Eventually.find("the stream says so", LIMIT, () -> {
            again.run();
            var switched = endSegment();
            var said = matriarch("wal");
            return said.code() == 1 ? Look.found(switched) : Look.missing(said.output());
        });
        // A stream that begins again has nothing durable yet.
        assertThat(wal("durable_lsn"))
                .matches(durable -> durable.equals("null") || Lsn.parse(durable).compareTo(end) < 0);
        assertThat(Sql.ask(
                        cluster.primary().endpoint(),
                        "select restart_lsn < '" + end
                                + "' from pg_replication_slots where slot_name = 'matriarch_wal'"))
                .isEqualTo("t");
        assertThat(matriarch("backups").output()).doesNotContain("basebackup_");
        try (var files = Files.walk(repository)) {
            assertThat(files.filter(f -> f.toString().contains("basebackup_"))).isEmpty();
        }
    }

    private static Lsn endSegment() throws Exception {
        Sql.ask(cluster.primary().endpoint(), "select pg_logical_emit_message(true, 'test', 'any WAL')");
        return Lsn.parse(Sql.ask(cluster.primary().endpoint(), "select pg_switch_wal()"));
    }

    private static void everythingIsStored() throws Exception {
        var end = endSegment();
        Eventually.holds(
                "the stream goes on by itself",
                LIMIT,
                () -> matriarch("wal").code() == 0
                        && Lsn.parse(wal("durable_lsn")).isAtLeast(end));
    }

    private static String wal(String key) throws IOException {
        var status = member.http().get(member.restUrl("/matriarch/v1/wal")).json();
        return status instanceof Map<?, ?> map ? String.valueOf(map.get(key)) : "";
    }

    @Test
    void azureHoldsABackupThatIsProven() throws Exception {
        try (var store = Azurite.start()) {
            managerWith("azure://" + Azurite.ACCOUNT + "/" + Azurite.CONTAINER, """
                        endpoint: %s
                        account_key_file: %s
                    """.formatted(
                            store.endpoint(), secret("azure", Azurite.KEY)));

            backupIsProven();
        }
    }

    @Test
    void encryptedBackupOpensWithPublicToolsOnly() throws Exception {
        Path repository = secrets.resolve("repository");
        Workplace.ownedByPostgres(repository);
        managerWith(repository.toString(), "");
        backupIsProven();
        var label = LABEL.matcher(matriarch("backups").output());
        assertThat(label.find()).isTrue();
        Path target = secrets.resolve("opened");

        Command.run(
                Workplace.checkout().resolve("deploy/samples/open-backup").toString(),
                key().toString(),
                repository.resolve("base").resolve(label.group()).toString(),
                target.toString());

        Path data = secrets.resolve("data");
        Workplace.ownedByPostgres(data);
        Command.run("tar", "--zstd", "-xf", target.resolve("base.tar.zst").toString(), "-C", data.toString());
        Files.copy(target.resolve("backup_manifest"), data.resolve("backup_manifest"));
        Command.run("chown", "-R", "postgres", data.toString(), secrets.toString());
        Command.run(SinglePostgres.command("pg_verifybackup", List.of(data.toString())));
    }

    @Test
    void storeThatIsNotThereIsNamed() throws Exception {
        try (var store = S3Mock.start()) {
            managerWith("s3://elsewhere/demo", """
                        endpoint: %s
                        access_key: nobody
                        secret_key_file: %s
                    """.formatted(store.endpoint(), secret("s3", "no-secret")));

            Command.Result failed = matriarch("backup");

            assertThat(failed.code()).isEqualTo(1);
            assertThat(failed.output())
                    .contains("s3://elsewhere/demo at " + store.endpoint())
                    .contains("there is no such bucket")
                    .doesNotContain("no-secret");
        }
    }

    private static void backupIsProven() {
        Command.Result taken = matriarch("backup");

        assertThat(taken.output()).containsPattern("V[45] in").contains("1000 rows");
        assertThat(taken.code()).isZero();
        assertThat(matriarch("backups").output()).contains("VERIFIED");
        assertThat(member.agentLog()).content().doesNotContain("no-secret", Azurite.KEY, Keys.FIRST);
    }

    private static void managerWith(String repository, String store) throws IOException {
        member.stop(MatriarchCluster.HEAL_LIMIT);
        member.configure(configuration
                + """
                matriarch:
                  roles: [node, manager]
                  backup:
                    repository: %s
                    encryption: {keys: [{file: %s}]}
                """.formatted(repository, key())
                + Workplace.NO_SCHEDULES
                + (store.isEmpty() ? "" : "    store:\n" + store.indent(2)));
        member.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }

    private static Path key() throws IOException {
        return secret("key", Keys.FIRST);
    }

    private static Path secret(String name, String text) throws IOException {
        Path file = secrets.resolve(name);
        Files.writeString(file, text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Workplace.giveToPostgres(file);
        return file;
    }

    private static Command.Result matriarch(String... command) {
        return member.matriarch(command);
    }
}
