package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.backup.base.BaseBackup;
import io.matriarch.backup.base.BaseBackup.Order;
import io.matriarch.backup.base.Checksums;
import io.matriarch.backup.base.Format;
import io.matriarch.backup.base.Leadership;
import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.pace.Limits;
import io.matriarch.backup.pace.Throttle;
import io.matriarch.backup.repository.DirectoryRepository;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.SmallDisk;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Base backups of a real server: what is in the repository afterwards can be read without us, and a failure leaves nothing there. */
class BaseBackupSystemIT {
    private static final Leadership STABLE = () -> Optional.of(new Leadership.Reign("pg1", 7));
    private static final Login ANYBODY = new Login("postgres", "");
    private static final String AT_THE_FLOOR = "slowed to 2.0 MB/s: the primary answers in";
    private static SinglePostgres server;

    private Path directory;

    @BeforeAll
    static void serverWithConfigurationElsewhere() throws Exception {
        server = SinglePostgres.init("--data-checksums");
        Path elsewhere = server.home().resolve("etc");
        Workplace.ownedByPostgres(elsewhere);
        server.write(
                elsewhere.resolve("pg_hba.conf"), Files.readString(server.data().resolve("pg_hba.conf")));
        server.configure("hba_file = '" + elsewhere.resolve("pg_hba.conf") + "'\n");
        server.start();
        server.ask("create table kept as select n, md5(n::text) from generate_series(1, 50000) as n");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void repository() {
        directory = Workplace.newDirectory();
    }

    @AfterEach
    void remove() {
        Workplace.remove(directory);
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void backupIsReadableByPublicToolsAndStarts(Format format) throws Exception {
        var done = new AtomicLong();

        BackupDescription backup = backup(STABLE).take(order(format), (bytes, total) -> done.set(bytes));

        Path folder = directory.resolve("base").resolve(backup.label());
        assertThat(BackupDescription.parse(Files.readString(folder.resolve("backup.json"))))
                .isEqualTo(backup);
        assertThat(backup.stop()).isGreaterThan(backup.start());
        assertThat(done.get()).isEqualTo(backup.serverBytes()).isPositive();
        for (var file : backup.files()) {
            assertThat(Checksums.sha256(folder.resolve(file.name()))).isEqualTo(file.sha256());
        }
        assertThat(rowsAfterRestore(folder, format, backup.label())).isEqualTo("50000");
    }

    @Test
    void copyThatAPromotionOvertookIsDiscarded() throws Exception {
        var reigns = new AtomicLong();
        Leadership changing = () -> Optional.of(new Leadership.Reign("pg1", reigns.getAndIncrement()));

        assertThatThrownBy(() -> backup(changing).take(order(Format.ZSTD), (bytes, total) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it leads anew")
                .hasMessageContaining("discarded");
        assertThat(remains()).isEmpty();
    }

    @Test
    void copyThatIsStoppedLeavesNothing() throws Exception {
        BaseBackup backup = backup(STABLE);
        var slowly = new Order(
                "herd",
                source(),
                ANYBODY,
                ANYBODY,
                Format.NONE,
                2,
                Optional.of("1M"),
                Optional.empty(),
                Optional.empty());

        assertThatThrownBy(() -> backup.take(slowly, (bytes, total) -> backup.stop()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was stopped");
        assertThat(remains()).isEmpty();
        assertThat(server.ask("select count(*) from pg_stat_activity where backend_type = 'walsender'"))
                .isIn("0", "1");
    }

    /** The primary's answers are those of a second server, so that it can be late while the copied one is not. */
    @Test
    void copyThatThePrimarySuffersFromCreepsAndEnds() throws Exception {
        try (var primary = SinglePostgres.init()) {
            primary.start();
            long postmaster = primary.postmaster().orElseThrow();
            // The copy waits for one that takes its time: what is written now it need not write.
            server.ask("checkpoint");
            var at = new Source("pg0", "127.0.0.1", primary.port(), "postgres");
            var throttle = new Throttle(
                    new Limits(25, 2 << 20, Optional.of(4L << 20)),
                    () -> DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + at.port() + "/postgres?user=postgres&socketTimeout=10"));
            var said = new ConcurrentSkipListSet<String>();
            long began = System.nanoTime();

            var made = backup(STABLE)
                    .take(
                            new Order(
                                    "herd",
                                    source(),
                                    ANYBODY,
                                    ANYBODY,
                                    Format.NONE,
                                    2,
                                    Optional.empty(),
                                    Optional.of(throttle),
                                    Optional.empty()),
                            (bytes, total) -> {
                                throttle.words().ifPresent(said::add);
                                boolean creeps = said.stream().anyMatch(words -> words.startsWith(AT_THE_FLOOR));
                                Signals.send(creeps ? "CONT" : "STOP", Signals.tree(postmaster));
                            });

            double seconds = (System.nanoTime() - began) / 1e9;
            assertThat(said).anyMatch(words -> words.startsWith(AT_THE_FLOOR));
            assertThat(made.storedBytes() / seconds).isLessThan(4 << 20);
            assertThat(rowsAfterRestore(directory.resolve("base").resolve(made.label()), Format.NONE, made.label()))
                    .isEqualTo("50000");
        }
    }

    /** The refusal of such a server, in its words, comes from a program that stands before the real one. */
    @Test
    void serverWhoseZstdHasNoThreadsCopiesWithout() throws Exception {
        Path program = server.home().resolve("pg_basebackup");
        Files.writeString(program, """
                #!/bin/sh
                case "$*" in *workers=*)
                    echo 'pg_basebackup: error: could not get COPY data stream: ERROR:  could not set compression worker count to 2: Unsupported parameter' >&2
                    exit 1;;
                esac
                exec '%s' "$@"
                """.formatted(Workplace.postgresBin().resolve("pg_basebackup")));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));

        var made = new BaseBackup(new DirectoryRepository(directory), program, STABLE, Clock.systemUTC())
                .take(order(Format.ZSTD), (bytes, total) -> {});

        assertThat(rowsAfterRestore(directory.resolve("base").resolve(made.label()), Format.ZSTD, made.label()))
                .isEqualTo("50000");
    }

    @Test
    void withoutALeaderNothingIsCopied() {
        assertThatThrownBy(() -> backup(Optional::empty).take(order(Format.ZSTD), (bytes, total) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nobody leads herd");
    }

    @Test
    void repositoryThatHasNoRoomIsKnownBefore() {
        var huge = new Order(
                "herd",
                source(),
                ANYBODY,
                ANYBODY,
                Format.ZSTD,
                2,
                Optional.empty(),
                Optional.empty(),
                Optional.of(Long.MAX_VALUE / 2));

        assertThatThrownBy(() -> backup(STABLE).take(huge, (bytes, total) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bytes free");
        assertThat(directory).isEmptyDirectory();
    }

    /** The first copy breaks off in its midst, the second before it begins; each leaves the repository as it was, and a third one goes well. */
    @Test
    @EnabledIf("io.matriarch.tests.support.SmallDisk#possible")
    void fullOrReadOnlyRepositoryHoldsNothingOfABackup() throws Exception {
        try (var disk = SmallDisk.mount(directory, 16)) {
            assertThatThrownBy(() -> backup(STABLE).take(order(Format.NONE), (bytes, total) -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left on device");
            assertThat(everything()).as("after a full repository").isEmpty();
            assertThat(server.ask("select count(*) from pg_replication_slots")).isEqualTo("0");

            disk.resize(200);
            disk.readOnly(true);
            assertThatThrownBy(() -> backup(STABLE).take(order(Format.NONE), (bytes, total) -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Read-only file system");
            assertThat(everything()).as("after a read-only repository").isEmpty();

            disk.readOnly(false);
            var made = backup(STABLE).take(order(Format.NONE), (bytes, total) -> {});
            assertThat(remains()).containsExactly(directory.resolve("base").resolve(made.label()));
        }
    }

    private List<Path> everything() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private BaseBackup backup(Leadership leadership) throws IOException {
        return new BaseBackup(
                new DirectoryRepository(directory),
                Workplace.postgresBin().resolve("pg_basebackup"),
                leadership,
                Clock.systemUTC());
    }

    private static Order order(Format format) {
        return new Order(
                "herd", source(), ANYBODY, ANYBODY, format, 2, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Source source() {
        return new Source("pg1", "127.0.0.1", server.port(), "postgres");
    }

    private List<Path> remains() throws IOException {
        Path base = directory.resolve("base");
        try (var files = Files.list(base)) {
            return files.toList();
        }
    }

    /** With tar and the program of the compression only, as somebody would who has lost everything else. */
    private static String rowsAfterRestore(Path folder, Format format, String label) throws Exception {
        try (var restored = SinglePostgres.empty()) {
            Workplace.ownedByPostgres(restored.data());
            String data = restored.data().toString();
            var archive = switch (format) {
                case ZSTD ->
                    List.of(
                            "tar",
                            "--zstd",
                            "-xf",
                            folder.resolve("base.tar.zst").toString());
                case LZ4 ->
                    List.of(
                            "tar",
                            "-I",
                            "lz4",
                            "-xf",
                            folder.resolve("base.tar.lz4").toString());
                case GZIP ->
                    List.of("tar", "-xzf", folder.resolve("base.tar.gz").toString());
                case NONE -> List.of("tar", "-xf", folder.resolve("base.tar").toString());
                case TAR_GZ ->
                    List.of("tar", "-xzf", folder.resolve(label + ".tar.gz").toString());
            };
            Command.run(with(archive, "-C", data));
            if (format != Format.TAR_GZ) {
                assertThat(folder.resolve("pg_hba.conf")).hasSameTextualContentAs(elsewhere());
                Files.copy(folder.resolve("backup_manifest"), restored.data().resolve("backup_manifest"));
            }
            if (format == Format.TAR_GZ) {
                Path configuration = restored.data().resolve("configuration");
                assertThat(configuration.resolve("pg_hba.conf")).hasSameTextualContentAs(elsewhere());
                Workplace.remove(configuration);
            }
            Command.run("chown", "-R", "postgres", data);
            restored.run("pg_verifybackup", List.of(data));
            restored.configure("port = " + restored.port() + "\nunix_socket_directories = '" + restored.home()
                    + "'\nhba_file = '" + data + "/pg_hba.conf'\n");
            restored.start();
            return restored.ask("select count(*) from kept");
        }
    }

    private static Path elsewhere() {
        return server.home().resolve("etc/pg_hba.conf");
    }

    private static List<String> with(List<String> command, String... more) {
        var all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return all;
    }
}
