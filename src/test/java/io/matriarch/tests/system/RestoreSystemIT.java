package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.RestoredServer;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restores beside the cluster, by command, with a real manager and real PostgreSQL: a table of 1,000 rows gets 100 more, then 10 more, then it
 * is dropped.
 */
class RestoreSystemIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static MatriarchCluster cluster;
    private static Member manager;
    private static String beforeBackup;
    private static String after100;
    private static String lsnAfter100;
    private static String xidOf10;
    private static String after10;
    private static int places;

    private RestoredServer restored;

    @BeforeAll
    static void backupAndWhatCameAfterIt() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1));
        manager = cluster.primary();
        manager.stop(MatriarchCluster.HEAL_LIMIT);
        manager.configure(Files.readString(manager.configuration()) + "matriarch:\n  roles: [node, manager]\n");
        manager.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
        var at = manager.endpoint();
        Sql.execute(at, "create table kept as select n, md5(n::text) as sum from generate_series(1, 1000) as n");
        beforeBackup = now();
        assertThat(manager.matriarch("backup").code()).isZero();
        Sql.execute(at, "insert into kept select n, md5(n::text) from generate_series(1001, 1100) as n");
        after100 = now();
        lsnAfter100 = Sql.ask(at, "select pg_current_wal_insert_lsn()");
        Sql.ask(at, "select pg_create_restore_point('after the hundred')");
        Sql.ask(at, "select pg_switch_wal()");
        xidOf10 = Sql.ask(
                at,
                "with x as (insert into kept select n, '' from generate_series(1101, 1110) as n returning 1)"
                        + " select txid_current() from x limit 1");
        after10 = now();
        Sql.ask(at, "select pg_switch_wal()");
        Sql.execute(at, "drop table kept");
        Sql.ask(at, "select pg_switch_wal()");
        Sql.execute(at, "create table later as select 1");
        Sql.ask(at, "select pg_switch_wal()");
        archive();
    }

    private static String now() throws Exception {
        return Sql.ask(
                manager.endpoint(),
                "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
    }

    /** What a receiver would have stored: every segment that is complete. */
    private static void archive() throws Exception {
        // At the very beginning of a segment PostgreSQL names the one before.
        var current = Sql.ask(manager.endpoint(), "select pg_walfile_name(pg_current_wal_lsn() + 1)");
        var archive = archiveOfCluster();
        try (Stream<Path> files = Files.list(manager.dataDirectory().resolve("pg_wal"))) {
            for (Path file : files.sorted().toList()) {
                var name = SegmentName.of(file.getFileName().toString());
                if (name.isPresent() && name.get().toString().compareTo(current) < 0) {
                    archive.put(name.get(), file);
                }
            }
        }
        Command.run("chown", "-R", "postgres", repository().toString());
    }

    private static WalArchive archiveOfCluster() throws Exception {
        var system = Sql.ask(manager.endpoint(), "select system_identifier from pg_control_system()");
        return new WalArchive(new DirectoryRepository(repository()), new SystemIdentifier(system));
    }

    private static Path repository() {
        return manager.stateDirectory().resolve("repository");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void place() {
        places++;
        restored = new RestoredServer(manager.directory().resolve("aside" + places));
    }

    @AfterEach
    void remove() {
        restored.close();
    }

    @Test
    void toATimeBeforeTheTableWasDropped() throws IOException {
        var result = restore("--target-time", after100);

        assertThat(result.output()).contains("is restored in " + restored.data(), "psql -h 127.0.0.1");
        assertThat(result.code()).isZero();
        assertThat(restored.ask("select count(*), count(distinct sum), pg_is_in_recovery() from kept"))
                .isEqualTo("1100|1100|f");
        assertThat(restored.ask("show archive_mode")).isEqualTo("off");
        assertThat(Files.getPosixFilePermissions(restored.data())).hasSize(3);
        assertThat(Files.getOwner(restored.data()).getName())
                .isEqualTo(Files.getOwner(manager.dataDirectory()).getName());
        assertThat(restored.data().resolve("pg_hba.conf.restored")).isRegularFile();
        assertThat(restored.home().resolve("wal")).doesNotExist();
        restored.ask("create table written as select 1");
        assertThat(tablesOfTheCluster("written")).isZero();
    }

    @Test
    void toAPosition() throws IOException {
        assertThat(restore("--target-lsn", lsnAfter100).code()).isZero();

        assertThat(restored.ask("select count(*) from kept")).isEqualTo("1100");
    }

    @Test
    void toARestorePoint() throws IOException {
        assertThat(restore("--target-name", "after the hundred").code()).isZero();

        assertThat(restored.ask("select count(*) from kept")).isEqualTo("1100");
    }

    @Test
    void toTheEndOfATransaction() throws IOException {
        assertThat(restore("--target-xid", xidOf10).code()).isZero();

        assertThat(restored.ask("select count(*) from kept")).isEqualTo("1110");
    }

    @Test
    void toTheLatestMoment() throws IOException {
        assertThat(restore("--latest").code()).isZero();

        assertThat(restored.ask("select to_regclass('kept') is null, (select count(*) from later)"))
                .isEqualTo("t|1");
    }

    @Test
    void toTheEndOfTheBackupAndLeftPaused() throws IOException {
        assertThat(restore("--immediate", "--no-promote").code()).isZero();

        assertThat(restored.ask("select count(*), pg_is_in_recovery() from kept"))
                .isEqualTo("1000|t");
    }

    @Test
    void whatCannotBeReachedIsRefusedWithWhatCan() {
        refused("TARGET_BEFORE_BACKUP", "--target-time", beforeBackup);
        refused("TARGET_AFTER_LAST_COMMIT", "--target-time", "2096-01-01T00:00:00Z");
        refused("TARGET_AFTER_END_OF_WAL", "--target-lsn", "FF/0");
        refused("TARGET_NOT_FOUND", "--target-name", "never made");
        refused("UNKNOWN_LABEL", "--label", "basebackup_19990101T000000Z");
        refused("UNKNOWN_TIMELINE", "--timeline", "77");
        assertThat(restored.data()).doesNotExist();
        assertThat(restored.home()).doesNotExist();
    }

    private void refused(String code, String... target) {
        var all = new ArrayList<>(List.of("--dry-run", "-o", "json"));
        all.addAll(List.of(target));
        var result = restore(all.toArray(String[]::new));
        assertThat(result.output()).contains(code, "reachable");
        assertThat(result.code()).isEqualTo(3);
    }

    @Test
    void holeInTheWalIsRefusedAndNamed() throws Exception {
        var archive = archiveOfCluster();
        var segments = List.copyOf(archive.list().segments().keySet());
        var missing = segments.get(segments.size() - 2);
        Path file;
        try (Stream<Path> files = Files.walk(repository())) {
            file = files.filter(f -> f.getFileName().toString().equals(missing + ".zst"))
                    .findFirst()
                    .orElseThrow();
        }
        Path aside = repository().resolveSibling("aside.zst");
        Files.move(file, aside);
        try {
            var result = restore("--target-time", "2096-01-01T00:00:00Z", "-o", "json");

            assertThat(result.output()).contains("WAL_HOLE", missing.toString());
            assertThat(result.code()).isEqualTo(3);
        } finally {
            Files.move(aside, file);
        }
    }

    @Test
    void backupOfAnotherMajorVersionAndOneWithoutItsManifestAreRefused() throws Exception {
        Path folder;
        try (Stream<Path> folders = Files.list(repository().resolve("base"))) {
            folder = folders.findFirst().orElseThrow();
        }
        var other = folder.resolveSibling("basebackup_20200101T000000Z");
        Command.run("cp", "-a", folder.toString(), other.toString());
        var description = other.resolve("backup.json");
        try {
            var text = Files.readString(description)
                    .replace(
                            folder.getFileName().toString(), other.getFileName().toString());
            Files.writeString(description, text.replaceFirst("(\"postgres\" *: *)\"[^\"]*\"", "$1\"14.9\""));
            refused("OTHER_MAJOR_VERSION", "--label", other.getFileName().toString());

            Files.writeString(description, text);
            Files.delete(other.resolve("backup_manifest"));
            refused("backup_manifest is missing", "--label", other.getFileName().toString());
        } finally {
            Workplace.remove(other);
        }
    }

    @Test
    void wrongInputIsNamed() {
        var result = restore("--target-time", "yesterday");

        assertThat(result.output()).contains("target_time").contains("with its zone");
        assertThat(result.code()).isEqualTo(2);
    }

    @Test
    void directoryWithSomethingInItIsRefusedOrSetAsideAndNeverDeleted() throws IOException {
        Workplace.ownedByPostgres(restored.data());
        Files.writeString(restored.data().resolve("mine"), "mine");

        assertThat(restore("--immediate").output()).contains("is not empty");
        assertThat(restore("--immediate", "--set-aside").code()).isZero();

        try (Stream<Path> files = Files.list(manager.directory())) {
            Path aside = files.filter(f -> f.toString().startsWith(restored.data() + ".set-aside-"))
                    .findFirst()
                    .orElseThrow();
            assertThat(aside.resolve("mine")).hasContent("mine");
        }
    }

    @Test
    void dataDirectoryOfTheMemberIsNeverTouched() {
        var result = restoreTo(manager.dataDirectory(), "--immediate", "--set-aside");

        assertThat(result.output()).contains("the data directory of this member");
        assertThat(result.code()).isEqualTo(3);
    }

    @Test
    void reachableMomentsAreListed() {
        assertThat(manager.matriarch("recoverable").output())
                .contains("LAST COMMIT")
                .containsPattern("(?m)^[0-9]+ .* 1 +-$");
    }

    /** Behind steps of which each leaves another kind of directory; in the midst of every step: {@link JobKillSystemIT}. */
    @ParameterizedTest
    @ValueSource(strings = {"extract", "recover", "promote"})
    void killOfTheManagerBehindAStepEndsInTheSameState(String step) throws IOException {
        var started = restore("--target-time", after10, "--no-wait");
        assertThat(started.code()).as(started.output()).isZero();
        Eventually.holds("step " + step, LIMIT, () -> restored.isDone(step));
        Signals.send("KILL", manager.agent().pid());
        Eventually.holds("agent gone", LIMIT, () -> !manager.agentRuns());
        manager.start();
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);

        var result = restore("--target-time", after10);

        assertThat(result.output()).contains("is restored in");
        assertThat(result.code()).isZero();
        assertThat(restored.ask("select count(*), pg_is_in_recovery() from kept"))
                .isEqualTo("1110|f");
        assertThat(restored.data().resolve("matriarch.restore")).doesNotExist();
        assertThat(restored.data().resolve("recovery.signal")).doesNotExist();
    }

    private static long tablesOfTheCluster(String table) throws IOException {
        try {
            return Long.parseLong(
                    Sql.ask(manager.endpoint(), "select count(*) from pg_class where relname = '" + table + "'"));
        } catch (java.sql.SQLException e) {
            throw new IOException(e);
        }
    }

    private Command.Result restore(String... options) {
        return restoreTo(restored.data(), options);
    }

    private static Command.Result restoreTo(Path directory, String... options) {
        var all = new ArrayList<>(List.of("restore", "--to", directory.toString()));
        all.addAll(List.of(options));
        return manager.matriarch(all.toArray(String[]::new));
    }
}
