package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.WalStatus;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.TimelinePath;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.adapter.postgres.PgConnections;
import io.matriarch.ha.adapter.postgres.PgLogin;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Report;
import io.matriarch.tests.support.SinglePostgres;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.WalKeeper;
import io.matriarch.tests.support.WalLoad;
import io.matriarch.tests.support.Workplace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The claim of the WAL stream: over twenty fail-overs and more under load no byte is missing, no segment has two contents, and what is
 * restored with the repository alone is what the cluster holds.
 */
class WalFailoverSystemIT {
    private static final int FAILOVERS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final PgLogin LOGIN = new PgLogin(Endpoint.USER, () -> Optional.of(Endpoint.PASSWORD), Map.of());
    private static MatriarchCluster cluster;
    private static Path home;

    @BeforeAll
    static void start() throws Exception {
        home = Workplace.newDirectory();
        Files.createDirectory(home.resolve("repository"));
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withParameter("max_wal_size", "512MB"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
        Workplace.remove(home);
    }

    @Test
    void twentyFailoversUnderLoadLeaveAnUnbrokenChain() throws Exception {
        var system = new SystemIdentifier(
                Sql.ask(cluster.primary().endpoint(), "select system_identifier from pg_control_system()"));
        int first = timeline();
        try (var restored = SinglePostgres.empty();
                var keeper = new WalKeeper(WalKeeper.of(cluster), WalKeeper.logins(), home, Duration.ofSeconds(2))) {
            keeper.waitFor("a stream", s -> s.state() == WalStatus.State.STREAMING);
            copy(restored);
            try (var load = WalLoad.on(cluster)) {
                for (int n = 0; timeline() - first < FAILOVERS; n++) {
                    failOver(n);
                }
                load.stop();
                Report.say(timeline() - first + " fail-overs, " + load.rows() + " rows");
            }
            // A member that is still being healed is none of the stream's business.
            var leader = cluster.primary();
            var end = Lsn.parse(Sql.ask(leader.endpoint(), "select pg_switch_wal()"));
            keeper.waitDurable(end);

            assertThat(keeper.states()).doesNotContain(WalStatus.State.REPOSITORY_FAILS);
            assertThat(keeper.status().gap()).isEmpty();
            var archive = keeper.archive(system);
            var path = archive.timelines().path(new Timeline(timeline())).orElseThrow();
            assertUnbroken(archive, path, end);
            assertSameAsOnMembers(archive);
            assertReplaysToTheEnd(restored, system, leader);
        }
    }

    /** By order, by death of the postmaster, by loss of the whole host; but for that the next one comes before the last is healed. */
    private static void failOver(int n) {
        var from = cluster.primary();
        switch (n % 7) {
            case 2 -> Faults.killPostmaster(from);
            case 5 -> {
                // Nobody may take over who lags too far behind: the others have to be there.
                cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
                Faults.loseHost(from);
                cluster.waitForOtherLeader(from, MatriarchCluster.HEAL_LIMIT);
                from.start();
            }
            default ->
                Eventually.find("a switchover from " + from.name(), LIMIT, () -> {
                    var answers = new StringBuilder();
                    for (Member to : cluster.replicas()) {
                        var answer = cluster.switchover(from, to);
                        if (answer.status() == 200) {
                            return Eventually.Look.found(true);
                        }
                        answers.append(answer.body()).append(' ');
                    }
                    return Eventually.Look.missing(answers.toString());
                });
        }
    }

    private static int timeline() throws Exception {
        return Integer.parseInt(Sql.ask(
                cluster.primary().endpoint(),
                "select ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"));
    }

    /**
     * Every segment that a recovery from the first to the last needs is there.
     *
     * @param end behind the last byte; the beginning of a segment without a byte when the stream has just ended the one before itself
     */
    private static void assertUnbroken(WalArchive archive, TimelinePath path, Lsn end) throws Exception {
        var stored = archive.list().segments();
        var size = SegmentSize.DEFAULT;
        long first = size.number(stored.firstEntry().getKey());
        var needed = LongStream.rangeClosed(first, size.number(new Lsn(end.bytes() - 1)))
                .mapToObj(number -> path.segment(size, number))
                .toList();
        assertThat(stored.keySet()).as("segments up to " + end).containsAll(needed);
        Report.say(stored.size() + " segments on " + path.legs().size() + " timelines, "
                + archive.list().partials().size() + " ends of timelines");
    }

    /** Two servers that hold one segment hold it alike, and the repository too. */
    private static void assertSameAsOnMembers(WalArchive archive) throws Exception {
        Path copy = home.resolve("copy");
        int compared = 0;
        for (SegmentName name : archive.list().segments().keySet()) {
            archive.extract(name, copy);
            for (Member member : cluster.members()) {
                Path theirs = member.dataDirectory().resolve("pg_wal").resolve(name.toString());
                if (Files.exists(theirs) && Files.size(theirs) == Files.size(copy)) {
                    assertThat(Files.mismatch(copy, theirs))
                            .as(name + " of " + member.name())
                            .isEqualTo(-1);
                    compared++;
                }
            }
        }
        Report.say(compared + " segments compared with those of members");
        assertThat(compared).isPositive();
    }

    private static void copy(SinglePostgres to) throws Exception {
        Workplace.ownedByPostgres(to.data());
        to.write(to.home().resolve("pgpass"), "*:*:*:*:matriarch-replication\n");
        Files.setPosixFilePermissions(to.home().resolve("pgpass"), PosixFilePermissions.fromString("rw-------"));
        to.run(
                "pg_basebackup",
                List.of(
                        "-d",
                        "host=127.0.0.1 user=replicator port="
                                + cluster.primary().postgresPort() + " passfile="
                                + to.home().resolve("pgpass"),
                        "-D",
                        to.data().toString(),
                        "-c",
                        "fast",
                        "-X",
                        "none"));
    }

    /** With zstd and PostgreSQL alone, as somebody would who has lost everything else. */
    private static void assertReplaysToTheEnd(SinglePostgres server, SystemIdentifier system, Member leader)
            throws Exception {
        Path wal = home.resolve("repository/wal").resolve(system.value());
        openForPostgres();
        server.configure(
                """
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = '%s'
                hba_file = '%s'
                fsync = off
                archive_mode = off
                recovery_target_timeline = 'latest'
                restore_command = 'case %%f in *.history) cp %s/history/%%f %%p;; *) f=%%f; zstd -dqf %s/$(expr substr $f 1 8)/%%f.zst -o %%p;; esac'
                """.formatted(server.port(), server.home(), server.data().resolve("trust.conf"), wal, wal));
        server.write(server.data().resolve("trust.conf"), "local all all trust\nhost all all 127.0.0.1/32 trust\n");
        server.write(server.data().resolve("recovery.signal"), "");
        server.run(
                "pg_ctl",
                List.of("-D", server.data().toString(), "-l", server.log().toString(), "-w", "-t", "120", "start"));
        Eventually.holds("the end of recovery", LIMIT, () -> rows(server).startsWith("false"));
        assertThat(rows(server)).isEqualTo("false " + Sql.ask(leader.endpoint(), WalLoad.FINGERPRINT));
    }

    private static String rows(SinglePostgres server) throws Exception {
        var database = new PgConnections("127.0.0.1", server.port(), Endpoint.DATABASE, LOGIN, LOGIN, LOGIN);
        try (var session = database.local(new PgConnections.Session("test", Duration.ofSeconds(10), LIMIT));
                var statement = session.createStatement();
                var row = statement.executeQuery("select pg_is_in_recovery() || ' ' || ("
                        + WalLoad.FINGERPRINT.replace("wal_load", "public.wal_load") + ")")) {
            row.next();
            return row.getString(1);
        }
    }

    private static void openForPostgres() {
        Command.run("chmod", "-R", "a+rX", home.resolve("repository").toString());
    }
}
