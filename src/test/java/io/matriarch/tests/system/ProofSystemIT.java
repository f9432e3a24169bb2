package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.matriarch.ha.model.Lsn;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A manager without a node proves backups at random moments, and somebody outside hears of it when one is none. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProofSystemIT {
    private static final Pattern DURABLE = Pattern.compile("in the repository +([0-9A-F]+/[0-9A-F]+)");
    private static final Pattern MOMENT = Pattern.compile("up to ([0-9T:.-]+Z)");
    /** A verification each minute: two of them, and what a restore takes. */
    private static final Duration TWO_PERIODS = Duration.ofSeconds(150);

    private static final List<String> TOLD = new CopyOnWriteArrayList<>();
    private static HttpServer webhook;
    private static MatriarchCluster cluster;
    private static Member manager;
    private static Path repository;

    @BeforeAll
    static void oneMemberAndAManagerThatTellsAlarms() throws Exception {
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/alarms", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean known = "Bearer t0k3n".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            if (known) {
                TOLD.add(body);
            }
            exchange.sendResponseHeaders(known ? 204 : 401, -1);
            exchange.close();
        });
        webhook.start();
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1));
        Sql.execute(cluster.primary().endpoint(), "create table kept as select generate_series(1, 1000) as n");
        repository = cluster.directory().resolve("proven");
        Workplace.ownedByPostgres(repository);
        Path token = Files.writeString(cluster.directory().resolve("webhook.token"), "t0k3n\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        Workplace.giveToPostgres(token);
        manager = cluster.addMember(Optional.of("m1"), "m1");
        manager.configure(Files.readString(manager.configuration())
                + "matriarch:\n  roles: manager\n  backup:\n    repository: " + repository
                + "\n    wal_timeout: 1\n    heartbeat: 1\n    alarms:\n      webhook:\n        url: http://127.0.0.1:"
                + webhook.getAddress().getPort() + "/alarms\n        token_file: " + token + "\n"
                + Workplace.NO_SCHEDULES);
        manager.start();
        Eventually.holds(
                "an elected manager",
                MatriarchCluster.HEAL_LIMIT,
                () -> matriarch("wal").output().contains("STREAMING"));
    }

    @AfterAll
    static void stop() {
        manager.destroy();
        cluster.close();
        webhook.stop(0);
    }

    @Test
    @Order(1)
    void backupIsRightAtARandomMomentAndThatCanBeRepeated() throws Exception {
        assertThat(matriarch("backup").output()).contains("1000 rows in");
        Sql.execute(cluster.primary().endpoint(), "insert into kept select generate_series(1001, 1100)");
        Sql.execute(cluster.primary().endpoint(), "create table later as select 1");
        waitStored();
        configure("""
                {"assertions":[{"name":"all there","sql":"select count(*) >= 1000 from kept"},
                 {"name":"it only reads","sql":"show transaction_read_only","expects":"on"}]}""");

        var proven = matriarch("verify");
        assertThat(proven.output()).contains("V5 in");
        assertThat(proven.code()).isZero();
        var moment = MOMENT.matcher(proven.output());
        assertThat(moment.find()).isTrue();
        var again = matriarch("verify", "--replay", moment.group(1));
        assertThat(again.output()).contains("V5 in", "up to " + moment.group(1));
        assertThat(matriarch("backups", "-o", "json").output())
                .contains(
                        "\"level\": \"V5\"", "\"restore_seconds\"", "\"restore_bytes_per_second\"", "\"replayed_to\"");
    }

    @Test
    @Order(2)
    void assertionThatFailsMakesTheBackupSuspectUntilItHolds() throws Exception {
        configure("{\"assertions\":[{\"name\":\"enough orders\",\"sql\":\"select count(*) from kept where n < 0\","
                + "\"expects\":\"12\"}]}");
        var failed = matriarch("verify");
        assertThat(failed.output())
                .contains("the assertion \"enough orders\" fails: it says \"0\", expected is \"12\"");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(matriarch("backups").output()).contains("SUSPECT");

        configure("{\"assertions\":[]}");
        assertThat(matriarch("verify", "--replay", "consistency").output()).contains("V4 in");
        assertThat(matriarch("backups").output()).contains("VERIFIED").doesNotContain("SUSPECT");
    }

    @Test
    @Order(3)
    void byteThatChangedIsToldWithinTwoPeriodsAndNothingGoesAnyMore() throws Exception {
        Eventually.holds(
                "how everything stands is told",
                TWO_PERIODS,
                () -> TOLD.stream().anyMatch(m -> m.contains("\"kind\":\"ping\"")));
        flip(archive());
        cluster.configure("{\"matriarch\":{\"backup\":{\"verify_schedule\":\"* * * * *\"}}}");

        var alarm = Eventually.find(
                "the alarm",
                TWO_PERIODS,
                () -> TOLD.stream()
                        .filter(m -> m.contains("\"promise\":\"sound\"") && m.contains("\"state\":\"BROKEN\""))
                        .filter(m -> m.contains("is not what was stored"))
                        .findFirst()
                        .map(Look::found)
                        .orElseGet(() -> Look.missing(TOLD.toString())));
        assertThat(alarm).contains("\"kind\":\"change\"", "\"manager\":\"m1\"", "\"since\":");
        Eventually.find("a manager that is not ready", TWO_PERIODS, () -> {
            var ready = manager.http().get(manager.restUrl("/health/ready"));
            return ready.status() == 503 && ready.body().contains("suspect")
                    ? Look.found(true)
                    : Look.missing(ready.status() + " " + ready.body());
        });
        assertThat(matriarch("expire", "--dry-run").output()).contains("retention is frozen");
        assertThat(matriarch("promises").code()).isEqualTo(1);
    }

    @Test
    @Order(4)
    void whatIsWrongWithTheWalIsNoFaultOfTheBackup() throws Exception {
        cluster.configure("{\"matriarch\":{\"backup\":{\"verify_schedule\":\"off\"}}}");
        assertThat(matriarch("backup").output()).contains("rows in");
        for (int n = 0; n < 3; n++) {
            Sql.execute(cluster.primary().endpoint(), "insert into later values (" + n + ")");
            waitStored();
        }
        var label = newest();
        var behind = segmentsBehind(label);
        Files.delete(behind.get(1));

        var beforeTheHole = matriarch("verify", label);
        assertThat(beforeTheHole.output()).contains("a hole in the WAL, which is no fault of the backup");
        assertThat(beforeTheHole.code()).isZero();

        flip(behind.getFirst());
        var damaged = matriarch("verify", label);
        assertThat(damaged.output()).contains("is good, but", "the WAL behind it cannot be read");
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(matriarch("backups").output()).containsPattern(label + " +full +VERIFIED");
        Eventually.holds(
                "the promise",
                TWO_PERIODS,
                () -> TOLD.stream().anyMatch(m -> m.contains("\"promise\":\"replayed\"") && m.contains("BROKEN")));
    }

    private static List<Path> segmentsBehind(String label) throws IOException {
        var stop = segment(label);
        try (Stream<Path> files = Files.walk(repository.resolve("wal"))) {
            var behind = files.filter(f -> f.toString().endsWith(".zst"))
                    .filter(f -> f.getFileName()
                                    .toString()
                                    .substring(0, stop.length())
                                    .compareTo(stop)
                            > 0)
                    .sorted()
                    .toList();
            assertThat(behind).hasSizeGreaterThan(2);
            return behind;
        }
    }

    private static void flip(Path path) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(file.length() / 2);
            int before = file.read();
            file.seek(file.length() / 2);
            file.write(before ^ 1);
        }
    }

    private static String segment(String label) throws IOException {
        var description =
                Files.readString(repository.resolve("base").resolve(label).resolve("backup.json"));
        var stop = Pattern.compile("\"stop_lsn\": \"([0-9A-F]+)/([0-9A-F]+)\"").matcher(description);
        assertThat(stop.find()).isTrue();
        return "%08X%08X%08X".formatted(1, Long.parseLong(stop.group(1), 16), Long.parseLong(stop.group(2), 16) >> 24);
    }

    private static String newest() throws IOException {
        try (Stream<Path> folders = Files.list(repository.resolve("base"))) {
            return folders.map(f -> String.valueOf(f.getFileName()))
                    .filter(name -> name.startsWith("basebackup_"))
                    .max(String::compareTo)
                    .orElseThrow();
        }
    }

    private static Path archive() throws IOException {
        return repository.resolve("base").resolve(newest()).resolve("base.tar.zst");
    }

    /** Until the repository holds what the leader has written by now. */
    private static void waitStored() throws Exception {
        var end = Lsn.parse(Sql.ask(cluster.primary().endpoint(), "select pg_current_wal_flush_lsn()"));
        Eventually.find("all up to " + end + " stored", MatriarchCluster.HEAL_LIMIT, () -> {
            var shown = matriarch("wal").output();
            var durable = DURABLE.matcher(shown);
            return durable.find() && Lsn.parse(durable.group(1)).isAtLeast(end)
                    ? Look.found(true)
                    : Look.missing(shown);
        });
    }

    /** A job reads it when it begins. */
    private static void configure(String verification) throws IOException {
        cluster.configure("{\"matriarch\":{\"backup\":{\"verification\":" + verification + "}}}");
    }

    private static Command.Result matriarch(String... words) {
        var all = new ArrayList<>(Workplace.launcher());
        all.addAll(List.of(words));
        all.addAll(List.of("--url", manager.restUrl("")));
        return Command.tryRun(all);
    }
}
