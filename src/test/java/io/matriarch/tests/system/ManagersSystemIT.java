package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Two managers without a node, one repository, a schedule of each minute: what one of them begins and does not end, the other one does. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManagersSystemIT {
    private static final Duration ELECTION = Duration.ofSeconds(30);
    private static final Duration SLOT = Duration.ofSeconds(120);
    private static final String RUNS = "/service/herd/matriarch/manager/run/base-backup/";
    private static MatriarchCluster cluster;
    private static Path repository;
    private static List<Member> managers = List.of();

    @BeforeAll
    static void oneMemberAndTwoManagers() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1));
        repository = cluster.directory().resolve("shared-repository");
        Workplace.ownedByPostgres(repository);
        var all = new ArrayList<Member>();
        for (String name : List.of("m1", "m2")) {
            var manager = cluster.addMember(Optional.of(name), name);
            manager.configure(Files.readString(manager.configuration())
                    + "matriarch:\n  roles: manager\n  backup:\n    repository: " + repository
                    + "\n    verify: false\n" + Workplace.NO_SCHEDULES);
            all.add(manager);
            manager.start();
        }
        managers = List.copyOf(all);
    }

    @AfterAll
    static void stop() {
        managers.forEach(Member::destroy);
        cluster.close();
    }

    @Test
    @Order(1)
    void oneIsElectedAndTheOtherSendsCallersOn() throws IOException {
        var elected = elected();
        var other = other(elected);

        var sent = other.http().get(other.restUrl("/matriarch/v1/schedules"));
        assertThat(sent.status()).isEqualTo(307);
        assertThat(other.matriarch("schedules").output()).contains("base-backup", "off");
        assertThat(Eventually.find("a ready manager", ELECTION, () -> ready(elected)))
                .contains("\"manager\":\"" + elected.name() + "\"", "\"alarms\":\"none\"");
        assertThat(other.matriarch("promises").code()).isZero();
    }

    @Test
    @Order(2)
    void aScheduleIsChangedWithoutARestartAndWhatIsWrongIsSaid() throws Exception {
        cluster.configure(
                "{\"matriarch\":{\"backup\":{\"schedule\":\"* * * * *\",\"rate\":\"1MB\",\"keep\":\"many\"}}}");

        var shown = Eventually.find("the new schedule", ELECTION, () -> {
            var out = elected().matriarch("schedules").output();
            return out.contains("* * * * *") ? Look.found(out) : Look.missing(out);
        });
        assertThat(shown).contains("matriarch.backup.keep").contains("many");
        assertThat(shown.split(":00Z")).hasSizeGreaterThanOrEqualTo(6);
        cluster.configure("{\"matriarch\":{\"backup\":{\"keep\":null}}}");
        awaitBackups(1);
    }

    @Test
    @Order(3)
    void aFrozenManagerIsRefusedWhenItWakesUpAndNoSlotIsRunTwice() throws Exception {
        var frozen = elected();
        awaitRunning(frozen);
        int before = labels().size();
        frozen.agent().signal("STOP");
        var thawAt = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        Eventually.find("the other manager", ELECTION, () -> isElected(other(frozen)));
        Eventually.holds("a backup by the other one", SLOT, () -> labels().size() > before);
        Eventually.holds("60 seconds", Duration.ofSeconds(90), () -> System.nanoTime() > thawAt);
        int meanwhile = labels().size();

        frozen.agent().signal("CONT");

        Eventually.holds("it steps back", ELECTION, () -> log(frozen).contains("[manager-steps-back]"));
        Eventually.holds(
                "its backup ended",
                SLOT,
                () -> log(frozen).contains("[backup-stopped]") || log(frozen).contains("[backup-failed]"));
        assertThat(isElected(other(frozen)).found()).isPresent();
        assertThat(completed()).isGreaterThanOrEqualTo(labels().size() - 1).isGreaterThanOrEqualTo(meanwhile - 1);
        assertThat(runs().values())
                .anyMatch(run -> run.contains("\"attempt\":2")
                        && run.contains(other(frozen).name()));
    }

    @Test
    @Order(4)
    void whatAKilledManagerBeganTheOtherOneDoes() throws Exception {
        var killed = elected();
        awaitRunning(killed);
        killed.agent().signal("KILL");
        var slot = runs().lastEntry().getKey();

        Eventually.find("the other manager", ELECTION, () -> isElected(other(killed)));
        Eventually.find("the slot is done after all", SLOT, () -> {
            var run = runs().get(slot);
            return run.contains("\"attempt\":2") && run.contains("COMPLETED") ? Look.found(run) : Look.missing(run);
        });

        cluster.configure("{\"matriarch\":{\"backup\":{\"schedule\":\"off\"}}}");
        try (Stream<Path> folders = Files.list(repository.resolve("base"))) {
            var broken = folders.filter(f -> !String.valueOf(f.getFileName()).startsWith("."))
                    .filter(f -> !Files.exists(f.resolve("backup.json")))
                    .toList();
            assertThat(broken).isEmpty();
        }
        Eventually.holds("what it had copied of it is gone", ELECTION, () -> {
            try (Stream<Path> all = Files.list(repository.resolve("base"))) {
                return all.noneMatch(f -> String.valueOf(f.getFileName()).startsWith("."));
            }
        });
        killed.agent().kill();
        killed.start();
        Eventually.holds(
                "its interrupted job is known as one", SLOT, () -> log(killed).contains("[job-interrupted]"));
    }

    @Test
    @Order(5)
    void aBackupThatVanishesFromTheRepositoryIsMissedUntilAHumanSaysOtherwise() throws Exception {
        var manager = elected();
        var label = labels().getFirst();
        Eventually.holds(
                "etcd knows it",
                ELECTION.plusSeconds(30),
                () -> !cluster.etcd()
                        .value("/service/herd/matriarch/manager/catalogue/" + label)
                        .isEmpty());
        Workplace.remove(repository.resolve("base").resolve(label));

        assertThat(manager.matriarch("expire", "--dry-run").output()).contains("Nothing would be deleted", label);
        assertThat(manager.matriarch("expire").output()).contains("frozen");
        Eventually.holds(
                "the promise is broken",
                Duration.ofSeconds(60),
                () -> manager.matriarch("promises").code() == 1);

        assertThat(manager.matriarch("backups", "rebuild").output()).contains(label);
        assertThat(manager.matriarch("expire", "--dry-run").output())
                .doesNotContain(label)
                .contains("stays");
        assertThat(manager.matriarch("expire").output()).contains("stay", "0 deleted");
    }

    @Test
    @Order(6)
    void aHoldIsShownAndTakenBack() throws Exception {
        var manager = elected();
        var label = labels().getLast();

        assertThat(manager.matriarch("hold", label, "--why", "before the migration")
                        .code())
                .isZero();
        assertThat(manager.matriarch("expire", "--dry-run").output()).contains("it is held: before the migration");
        assertThat(manager.matriarch("release", label).code()).isZero();
        assertThat(manager.matriarch("expire", "--dry-run").output()).doesNotContain("it is held");
        assertThat(manager.matriarch("hold", "basebackup_none", "--why", "x").code())
                .isEqualTo(3);
    }

    private static Member elected() {
        return Eventually.find("an elected manager", MatriarchCluster.HEAL_LIMIT, () -> {
            for (var manager : managers) {
                var look = isElected(manager);
                if (look.found().isPresent()) {
                    return look;
                }
            }
            return Look.missing("nobody is");
        });
    }

    private static Look<Member> isElected(Member manager) throws IOException {
        Http.Answer answer;
        try {
            answer = manager.http()
                    .send("GET", manager.restUrl("/matriarch/v1/manager"), Optional.empty(), Duration.ofSeconds(2));
        } catch (IOException e) {
            return Look.missing(manager.name() + " does not answer");
        }
        return answer.json() instanceof Map<?, ?> m && Boolean.TRUE.equals(m.get("elected"))
                ? Look.found(manager)
                : Look.missing(answer.body());
    }

    private static Look<String> ready(Member manager) throws IOException {
        var answer = manager.http().get(manager.restUrl("/health/ready"));
        return answer.status() == 200 ? Look.found(answer.body()) : Look.missing(answer.body());
    }

    private static Member other(Member one) {
        return managers.get(0).equals(one) ? managers.get(1) : managers.get(0);
    }

    private static void awaitRunning(Member manager) {
        Eventually.holds(
                "a copy that runs",
                SLOT,
                () -> manager.matriarch("jobs", "--state", "running", "-o", "json")
                        .output()
                        .contains("copying from"));
    }

    private static void awaitBackups(int count) {
        Eventually.holds(count + " backups", SLOT, () -> labels().size() >= count);
    }

    private static List<String> labels() throws IOException {
        if (!Files.isDirectory(repository.resolve("base"))) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(repository.resolve("base"))) {
            return folders.map(f -> String.valueOf(f.getFileName()))
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static TreeMap<String, String> runs() {
        return new TreeMap<>(cluster.etcd().values(RUNS));
    }

    private static long completed() {
        return runs().values().stream().filter(run -> run.contains("COMPLETED")).count();
    }

    private static String log(Member manager) throws IOException {
        return Files.readString(manager.agentLog());
    }
}
