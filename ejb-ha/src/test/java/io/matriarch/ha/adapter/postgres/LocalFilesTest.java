package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineHistory;
import io.matriarch.ha.model.TimelineSwitch;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
    @TempDir
    Path directory;

    @Test
    void historyFilesAreReadOldestFirst() {
        assertThat(TimelineHistory.parse(
                        "1\t0/3000060\tno recovery target specified\n\n# a comment\n2\t0/5000000\tbefore 2026\n"))
                .containsExactly(
                        new TimelineSwitch(new Timeline(1), Lsn.parse("0/3000060"), "no recovery target specified"),
                        new TimelineSwitch(new Timeline(2), Lsn.parse("0/5000000"), "before 2026"));
        assertThatThrownBy(() -> TimelineHistory.parse("2\t0/1\tx\n1\t0/2\ty\n"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TimelineHistory.parse("nonsense")).isInstanceOf(IllegalArgumentException.class);
        assertThat(TimelineHistory.ofFileName("0000001F.history")).contains(new Timeline(31));
        assertThat(TimelineHistory.ofFileName("0000001F.history.done")).isEmpty();
    }

    @Test
    void segmentNamesAreThoseOfPostgres() {
        assertThat(WalPages.segmentName(1, 0x1_0000_0000L / (16 << 20), 16 << 20))
                .isEqualTo("000000010000000100000000");
        assertThat(WalPages.segmentName(10, 255, 16 << 20)).isEqualTo("0000000A00000000000000FF");
        assertThat(WalPages.segmentName(1, 4097, 1 << 20)).isEqualTo("000000010000000100000001");
    }

    @Test
    void aBareMountPointIsNotAnEmptyDirectory() throws IOException {
        Path fstab = Files.writeString(
                directory.resolve("fstab"),
                "# disks\n/dev/sdb1 /srv/my\\040data ext4 defaults 0 2\n/dev/sda1 / ext4\n");
        Path units = Files.createDirectory(directory.resolve("units"));
        Files.writeString(units.resolve("pg.mount"), "[Mount]\nWhat=/dev/sdc1\nWhere=/pg\n");
        Path mounts = Files.writeString(directory.resolve("mounts"), "/dev/sda1 / ext4 rw 0 0\n");
        var bare = new MountTable(fstab, units, mounts);
        assertThat(bare.isMissingAt(Path.of("/srv/my data/pgdata"))).isTrue();
        assertThat(bare.isMissingAt(Path.of("/pg"))).isTrue();
        assertThat(bare.isMissingAt(Path.of("/var/lib/postgresql"))).isFalse();
        Files.writeString(
                mounts, "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /srv/my\\040data ext4 rw 0 0\n/dev/sdc1 /pg ext4 rw 0 0\n");
        assertThat(bare.isMissingAt(Path.of("/srv/my data/pgdata"))).isFalse();
        assertThat(bare.isMissingAt(Path.of("/pg/data"))).isFalse();
    }

    @Test
    void aZombieAStrangerAndAFrozenPostmasterAreToldApart() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path proc = Files.createDirectories(directory.resolve("proc/77")).getParent();
        var look = new PostmasterLook(new PgPaths(data, data.resolve("postgresql.conf")), proc);
        assertThat(look.look().alive()).isEmpty();
        Files.writeString(
                data.resolve("postmaster.pid"), "77\n" + data + "\n1800000000\n5432\n/tmp\n*\n 1 42\nready   \n");
        assertThat(look.look().alive()).isEmpty();
        Files.createSymbolicLink(proc.resolve("77/cwd"), data.toRealPath());
        stat(proc, 'S', 1000);
        assertThat(look.look().alive()).get().satisfies(alive -> {
            assertThat(alive.pid()).isEqualTo(77);
            assertThat(alive.startedAt()).contains(Instant.ofEpochSecond(1_800_000_000));
            assertThat(alive.stopping()).isFalse();
            assertThat(alive.frozen()).isFalse();
        });
        stat(proc, 'T', 1000);
        assertThat(look.look().alive()).get().matches(PostmasterLook.Alive::frozen);
        Files.delete(data.resolve("postmaster.pid"));
        assertThat(look.look().alive()).as("followed without its file").isPresent();
        stat(proc, 'Z', 1000);
        assertThat(look.look().alive()).as("a zombie").isEmpty();
        stat(proc, 'S', 2000);
        assertThat(look.look().alive()).as("another process of that number").isEmpty();
    }

    @Test
    void orphansOfADeadPostmasterAreSeenByItsSharedMemory() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path proc = Files.createDirectories(directory.resolve("proc/sysvipc")).getParent();
        var look = new PostmasterLook(new PgPaths(data, data.resolve("postgresql.conf")), proc);
        Files.writeString(
                data.resolve("postmaster.pid"),
                "77\n" + data + "\n1800000000\n5432\n/tmp\n*\n  5432001  42\nready   \n");
        Path shm = proc.resolve("sysvipc/shm");
        Files.writeString(shm, "key shmid perms size cpid lpid nattch\n5432001 42 600 56 77 77 3\n");
        assertThat(look.look().orphans()).isTrue();
        Files.writeString(shm, "key shmid perms size cpid lpid nattch\n5432002 42 600 56 77 77 3\n");
        assertThat(look.look().orphans())
                .as("another PostgreSQL's, after a reboot")
                .isFalse();
        Files.writeString(shm, "key shmid perms size cpid lpid nattch\n5432001 42 600 56 77 77 0\n");
        assertThat(look.look().orphans()).isFalse();
    }

    @Test
    void aNegativeSharedMemoryKeyDoesNotSpoilThePidFile() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path proc = Files.createDirectories(directory.resolve("proc/sysvipc")).getParent();
        var look = new PostmasterLook(new PgPaths(data, data.resolve("postgresql.conf")), proc);
        Files.writeString(
                data.resolve("postmaster.pid"),
                "77\n" + data + "\n1800000000\n5432\n/tmp\n*\n18446744073709551615  42\nready   \n");
        Files.writeString(
                proc.resolve("sysvipc/shm"), "key shmid perms size cpid lpid nattch\n        -1 42 600 56 77 77 3\n");
        assertThat(look.look().orphans()).isTrue();
    }

    @Test
    void sqlExceptionsAreJudgedByTheirStateAndCause() {
        assertThat(SqlTrouble.of(new SQLException("starting up", "57P03"))).isEqualTo(SqlTrouble.NOT_NOW);
        assertThat(SqlTrouble.of(new SQLException("io", "08006", new SocketTimeoutException())))
                .isEqualTo(SqlTrouble.SILENT);
        assertThat(SqlTrouble.of(new SQLException("refused", "08001", new ConnectException())))
                .isEqualTo(SqlTrouble.REFUSED);
        assertThat(SqlTrouble.of(new SQLException("terminated", "57P01"))).isEqualTo(SqlTrouble.BROKEN);
        assertThat(SqlTrouble.of(new SQLException("password", "28P01"))).isEqualTo(SqlTrouble.REJECTED);
        assertThat(SqlTrouble.of(new SQLException("too many", "53300"))).isEqualTo(SqlTrouble.REJECTED);
        assertThat(SqlTrouble.of(new SQLException("statement timeout", "57014")))
                .isEqualTo(SqlTrouble.SILENT);
    }

    private static void stat(Path proc, char state, long startTicks) throws IOException {
        Files.writeString(
                proc.resolve("77/stat"),
                "77 (post (gres) 1) " + state + " 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + startTicks + " 0 0\n");
    }
}
