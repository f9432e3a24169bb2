package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.WalStatus;
import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import io.matriarch.backup.stream.Servers;
import io.matriarch.backup.stream.WalCluster;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.SmallDisk;
import io.matriarch.tests.support.WalKeeper;
import io.matriarch.tests.support.Workplace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The WAL stream on real servers of one megabyte a segment: what it does where a cluster would be too polite. */
class WalStreamSystemIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final SegmentSize SIZE = new SegmentSize(1 << 20);
    private static final Servers LOGINS = new Servers(new Login("postgres", ""), new Login("postgres", ""));
    private static final String WRITE = "insert into kept select repeat('x', 700) from generate_series(1, 1000)";

    private final List<SinglePostgres> servers = new ArrayList<>();
    private final List<WalKeeper> keepers = new ArrayList<>();
    private volatile SinglePostgres leader;
    private Path home;

    @BeforeEach
    void primary() throws Exception {
        home = Workplace.newDirectory();
        Files.createDirectory(home.resolve("repository"));
        var first = SinglePostgres.init("--wal-segsize=1", "--data-checksums");
        first.configure(
                "wal_keep_size = '64MB'\nmax_replication_slots = 10\nmin_wal_size = '2MB'\nmax_wal_size = '8MB'\n");
        servers.add(first);
        first.start();
        leader = first;
        first.ask("create table kept (text text)");
    }

    @AfterEach
    void stop() {
        keepers.forEach(WalKeeper::close);
        servers.forEach(SinglePostgres::close);
        Workplace.remove(home);
    }

    @Test
    void eachSegmentIsTheServersOwn() throws Exception {
        var keeper = keeper(Duration.ofHours(1));
        write(10);
        keeper.waitDurable(endSegment());

        var archive = keeper.archive(system());
        var stored = archive.list().segments();
        assertThat(stored).hasSizeGreaterThan(5);
        for (SegmentName name : stored.keySet()) {
            assertSameAsOn(leader, archive, name);
        }
        assertThat(keeper.status().state()).isEqualTo(WalStatus.State.STREAMING);
        assertThat(leader.ask("select active from pg_replication_slots where slot_name = 'matriarch_wal'"))
                .isEqualTo("t");
        var durable = keeper.status().durable().orElseThrow();
        Eventually.holds(
                "the server knows what is durable",
                LIMIT,
                () -> leader.ask("select '" + durable + "'::pg_lsn <= flush_lsn from pg_stat_replication")
                        .equals("t"));
    }

    @Test
    void confirmedIsWhatTheRepositoryHasAndNothingElse() throws Exception {
        var keeper = keeper(Duration.ofHours(1));
        keeper.waitFor("a stream", s -> s.state() == WalStatus.State.STREAMING);
        write(1);
        var written = Lsn.parse(leader.ask("select pg_current_wal_flush_lsn()"));

        Eventually.holds(
                "all of it received",
                LIMIT,
                () -> leader.ask("select write_lsn >= '" + written + "' from pg_stat_replication")
                        .equals("t"));
        assertThat(leader.ask("select flush_lsn < '" + written + "' and restart_lsn < '" + written
                        + "' from pg_stat_replication, pg_replication_slots"))
                .isEqualTo("t");
    }

    @Test
    void segmentThatDoesNotFillIsEndedAndAnIdleServerIsLeftAlone() throws Exception {
        var keeper = keeper(Duration.ofSeconds(2));
        leader.ask("insert into kept values ('alone')");
        keeper.waitDurable(Lsn.parse(leader.ask("select pg_current_wal_flush_lsn()")));
        long after = keeper.archive(system()).list().segments().size();

        Eventually.holds(
                "three times as long as a segment may take",
                LIMIT,
                () -> Duration.between(keeper.status().durableAt().orElseThrow(), Instant.now())
                                .compareTo(Duration.ofSeconds(6))
                        > 0);
        assertThat(keeper.archive(system()).list().segments()).hasSize((int) after);
    }

    @Test
    void promotionWithinASegmentLeavesBothHalves() throws Exception {
        var keeper = keeper(Duration.ofHours(1));
        var replica = replica();
        write(3);
        leader.ask("insert into kept values ('before')");
        waitReplayed(replica);
        keeper.waitFor("all received", s -> s.received().equals(Optional.of(currentWal())));
        fallOver(replica);
        write(2);
        keeper.waitDurable(endSegment());

        var archive = keeper.archive(system());
        var origin = archive.timelines().origin(new Timeline(2)).orElseThrow();
        var ended = SIZE.at(origin.timeline(), origin.switchPoint());
        assertThat(archive.list().partials()).containsOnlyKeys(ended);
        assertSameAsOn(replica, archive, SIZE.at(new Timeline(2), origin.switchPoint()));
        Path half = home.resolve("half");
        assertThat(archive.extractPartial(ended, half)).isTrue();
        Path whole = home.resolve("whole");
        assertThat(archive.extract(SIZE.at(new Timeline(2), origin.switchPoint()), whole))
                .isTrue();
        assertThat(Files.mismatch(half, whole))
                .isBetween((long) SIZE.offset(origin.switchPoint()), (long) SIZE.bytes());
        assertThat(Files.size(half)).isEqualTo(SIZE.bytes());
    }

    @Test
    void whatTheNextLeaderNeverHadIsKeptAside() throws Exception {
        var keeper = keeper(Duration.ofHours(1));
        var replica = replica();
        write(1);
        waitReplayed(replica);
        replica.stop("fast");
        leader.ask("insert into kept values ('lost with its leader')");
        keeper.waitFor("all received", s -> s.received().equals(Optional.of(currentWal())));
        leader.stop("immediate");
        replica.start();
        replica.promote();
        leader = replica;
        write(3);
        keeper.waitDurable(endSegment());

        assertThat(keeper.states()).doesNotContain(WalStatus.State.REPOSITORY_FAILS);
        Path beyond = home.resolve("work").resolve(system().value()).resolve("beyond");
        try (var files = Files.list(beyond)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void streamThatWasKilledGoesOnWhereItWas() throws Exception {
        var first = keeper(Duration.ofHours(1));
        write(2);
        first.waitFor("all received", s -> s.received().equals(Optional.of(currentWal())));
        first.close();
        Path partial = partial();
        byte[] before = Files.readAllBytes(partial);
        // What a crash of the machine leaves: a file whose length came to the disk before its content.
        Files.write(partial, new byte[100_000], StandardOpenOption.APPEND);
        var second = keeper(Duration.ofHours(1));
        second.waitFor("a stream", s -> s.state() == WalStatus.State.STREAMING);
        assertThat(Files.readAllBytes(partial)).startsWith(before);
        write(4);
        second.waitDurable(endSegment());

        var archive = second.archive(system());
        for (SegmentName name : archive.list().segments().keySet()) {
            assertSameAsOn(leader, archive, name);
        }
    }

    @Test
    void repositoryThatIsGoneForAWhileLosesNothing() throws Exception {
        var keeper = keeper(Duration.ofHours(1));
        write(2);
        keeper.waitDurable(endSegment());
        Path away = home.resolve("away");
        Files.move(home.resolve("repository"), away);
        write(6);
        endSegment();
        keeper.waitFor("trouble", s -> s.state() == WalStatus.State.REPOSITORY_FAILS);
        assertThat(keeper.status().why()).contains("is its volume mounted?");
        Files.move(away, home.resolve("repository"));
        keeper.waitDurable(endSegment());

        assertNoHole(keeper);
    }

    @Test
    @EnabledIf("io.matriarch.tests.support.SmallDisk#possible")
    void fullOrReadOnlyRepositoryConfirmsNothingAndLosesNothing() throws Exception {
        try (var disk = SmallDisk.mount(home.resolve("repository"), 64)) {
            var keeper = keeper(Duration.ofHours(1));
            write(2);
            keeper.waitDurable(endSegment());

            disk.fill();
            staysUnconfirmed(keeper, "No space left on device");
            disk.free();
            keeper.waitDurable(endSegment());

            disk.readOnly(true);
            staysUnconfirmed(keeper, "Read-only file system");
            disk.readOnly(false);
            keeper.waitDurable(endSegment());

            assertNoHole(keeper);
            var archive = keeper.archive(system());
            for (SegmentName name : archive.list().segments().keySet()) {
                assertSameAsOn(leader, archive, name);
            }
            assertThat(keeper.status().gap()).isEmpty();
        }
    }

    /** What the repository does not take is said, is not confirmed to the leader, and leaves no half segment that looks like one. */
    /** A stream from before the promotion would get no end of the old timeline, and nothing of the new one. */
    @Test
    void leaderThatIsNotPromotedYetIsWaitedFor() throws Exception {
        var replica = replica();
        waitReplayed(replica);
        leader.stop("immediate");
        leader = replica;

        var keeper = keeper(Duration.ofHours(1));
        keeper.waitFor("the recovery", s -> s.why().contains("still in recovery"));
        replica.promote();
        keeper.waitFor("a stream", s -> s.state() == WalStatus.State.STREAMING);
        write(2);

        keeper.waitDurable(endSegment());
        assertNoHole(keeper);
    }

    private void staysUnconfirmed(WalKeeper keeper, String why) throws Exception {
        var before = keeper.archive(system()).list().segments().keySet();
        var durable = keeper.status().durable().orElseThrow();
        write(4);
        var end = endSegment();
        keeper.waitFor("trouble", s -> s.state() == WalStatus.State.REPOSITORY_FAILS);

        assertThat(keeper.status().why()).contains(why);
        assertThat(keeper.status().durable()).contains(durable);
        assertThat(leader.ask("select restart_lsn < '" + end + "' from pg_replication_slots"
                        + " where slot_name = 'matriarch_wal'"))
                .isEqualTo("t");
        assertThat(keeper.archive(system()).list().segments().keySet()).isEqualTo(before);
    }

    @Test
    void whatTheLeaderHasRemovedComesFromAReplica() throws Exception {
        var replica = replica();
        replica.ask("select pg_create_physical_replication_slot('keeps', true)");
        var first = keeper(Duration.ofHours(1));
        write(2);
        first.waitDurable(endSegment());
        first.close();
        removeFromLeader();
        waitReplayed(replica);
        var second = keeper(Duration.ofHours(1));
        second.waitDurable(endSegment());

        assertNoHole(second);
        assertThat(second.status().gap()).isEmpty();
    }

    @Test
    void whatNobodyHasIsAGapThatIsNamed() throws Exception {
        var first = keeper(Duration.ofHours(1));
        write(2);
        first.waitDurable(endSegment());
        first.close();
        removeFromLeader();
        var second = keeper(Duration.ofHours(1));
        second.waitDurable(endSegment());

        assertThat(second.status().gap().orElseThrow()).contains("take a new base backup");
        second.close();
        var third = keeper(Duration.ofHours(1));
        third.waitFor("a stream", s -> s.state() == WalStatus.State.STREAMING);
        assertThat(third.status().gap().orElseThrow()).contains("segments lack");
    }

    private void removeFromLeader() throws Exception {
        Eventually.holds("no slot", LIMIT, () -> {
            leader.ask("select pg_drop_replication_slot('matriarch_wal') from pg_replication_slots where not active");
            return leader.ask("select count(*) from pg_replication_slots").equals("0");
        });
        leader.ask("alter system set wal_keep_size = 0");
        leader.ask("select pg_reload_conf()");
        var oldest = leader.ask("select min(name) from pg_ls_waldir()");
        for (int i = 0; i < 3; i++) {
            write(10);
            leader.ask("checkpoint");
        }
        assertThat(leader.ask("select min(name) from pg_ls_waldir()")).isGreaterThan(oldest);
    }

    private void assertNoHole(WalKeeper keeper) throws Exception {
        var names = keeper.archive(system()).list().segments().keySet();
        var numbers = names.stream().map(SIZE::number).toList();
        assertThat(numbers.getLast() - numbers.getFirst() + 1)
                .as(names.toString())
                .isEqualTo(numbers.size());
    }

    private Path partial() throws Exception {
        try (var files = Files.list(home.resolve("work").resolve(system().value()))) {
            return files.filter(f -> f.toString().endsWith(".partial"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void assertSameAsOn(SinglePostgres server, WalArchive archive, SegmentName name) throws Exception {
        Path copy = home.resolve("copy");
        assertThat(archive.extract(name, copy)).isTrue();
        assertThat(Files.mismatch(copy, server.data().resolve("pg_wal").resolve(name.toString())))
                .as(name.toString())
                .isEqualTo(-1);
    }

    private WalKeeper keeper(Duration longestSegment) {
        var keeper = new WalKeeper(cluster(), LOGINS, home, longestSegment);
        keepers.add(keeper);
        return keeper;
    }

    private WalCluster cluster() {
        return new WalCluster() {
            @Override
            public Optional<Source> leader() {
                return Optional.of(source(leader));
            }

            @Override
            public List<Source> members() {
                return servers.stream().map(WalStreamSystemIT::source).toList();
            }
        };
    }

    private static Source source(SinglePostgres server) {
        return new Source("port " + server.port(), "127.0.0.1", server.port(), "postgres");
    }

    private SinglePostgres replica() {
        var replica = leader.cloneAsReplica("replica");
        servers.add(replica);
        replica.start();
        return replica;
    }

    private void fallOver(SinglePostgres to) {
        leader.stop("immediate");
        to.promote();
        leader = to;
    }

    private void waitReplayed(SinglePostgres replica) throws Exception {
        var end = leader.ask("select pg_current_wal_flush_lsn()");
        Eventually.holds(
                "replayed",
                LIMIT,
                () -> replica.ask("select pg_last_wal_replay_lsn() >= '" + end + "'")
                        .equals("t"));
    }

    private void write(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            leader.ask(WRITE);
        }
    }

    private String currentWal() {
        try {
            return Lsn.parse(leader.ask("select pg_current_wal_flush_lsn()")).toString();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Lsn endSegment() throws Exception {
        return Lsn.parse(leader.ask("select pg_switch_wal()"));
    }

    private SystemIdentifier system() throws Exception {
        return new SystemIdentifier(leader.ask("select system_identifier from pg_control_system()"));
    }
}
