package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.stores.Azurite;
import io.matriarch.tests.stores.Keys;
import io.matriarch.tests.stores.S3Mock;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Backups into every kind of repository by the server as it is installed, encrypted, each proven by a restore. */
class StoresSystemIT {
    private static final Pattern LABEL = Pattern.compile("basebackup_[0-9]{8}T[0-9]{6}Z");
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
        }
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

        assertThat(taken.output()).contains("V4 in", "1000 rows");
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

    private static Command.Result matriarch(String command) {
        var all = new ArrayList<>(Workplace.launcher());
        all.addAll(List.of(command, "--url", member.restUrl("").replaceFirst("/$", "")));
        return Command.tryRun(all);
    }
}
