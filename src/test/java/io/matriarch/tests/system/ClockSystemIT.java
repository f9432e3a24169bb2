package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.ShiftedClock;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The clock of the manager's machine is set forward over a schedule, back before it, and forward again. */
class ClockSystemIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String RUNS = "/service/herd/matriarch/manager/run/base-backup/";
    private static final String EXPIRIES = "/service/herd/matriarch/manager/run/expire-backups/";
    private static final Instant FIRST =
            Instant.now().truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(20));
    private static final Instant SECOND = FIRST.plus(Duration.ofHours(1));

    private static MatriarchCluster cluster;
    private static Path repository;
    private static ShiftedClock clock;
    private static Member manager;

    @BeforeAll
    static void oneMemberAndAManagerWithAClockOfItsOwn() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1));
        repository = cluster.directory().resolve("shared-repository");
        Workplace.ownedByPostgres(repository);
        var place = cluster.directory().resolve("clock");
        Workplace.ownedByPostgres(place);
        clock = new ShiftedClock(place);
        manager = cluster.addMember(Optional.of("m1"), "m1");
        manager.configure(Files.readString(manager.configuration())
                + "matriarch:\n  roles: manager\n  backup:\n    repository: " + repository + "\n    verify: false\n"
                + Workplace.NO_SCHEDULES);
        manager.start(clock.environment());
        Eventually.holds(
                "an elected manager",
                MatriarchCluster.HEAL_LIMIT,
                () -> Boolean.TRUE.equals(get("manager").values().get("elected")));
    }

    @AfterAll
    static void stop() {
        manager.destroy();
        cluster.close();
    }

    @Test
    void noSlotIsRunTwiceWhateverTheClockDoes() throws Exception {
        var token = token();
        var first = FIRST.atOffset(ZoneOffset.UTC);
        schedule(first.getMinute() + " " + first.getHour() + ","
                + SECOND.atOffset(ZoneOffset.UTC).getHour() + " * * *");
        Eventually.find("the first slot lies ahead", LIMIT, () -> next(FIRST));
        assertThat(runs()).isEmpty();

        clock.shift(Duration.ofMinutes(40));
        Eventually.find("its run", LIMIT, () -> completed(FIRST));

        clock.shift(Duration.ZERO);
        Eventually.find("the first slot lies ahead once more", LIMIT, () -> next(FIRST));
        assertThat(manager.matriarch("expire", "--dry-run").output()).contains("the clock went back");

        clock.shift(Duration.ofMinutes(40));
        // Jobs are judged one after the other, backups first.
        cluster.configure("{\"matriarch\":{\"backup\":{\"expire_schedule\":\"* * * * *\"}}}");
        Eventually.holds(
                "the slots behind the first one are judged",
                LIMIT.multipliedBy(2),
                () -> cluster.etcd().values(EXPIRIES).keySet().stream()
                        .anyMatch(key -> key.compareTo(EXPIRIES + FIRST) > 0));
        clock.shift(Duration.ofMinutes(100));
        Eventually.find("the run of the second slot", LIMIT, () -> completed(SECOND));

        assertThat(runs()).containsOnlyKeys(RUNS + FIRST, RUNS + SECOND);
        assertThat(runs().values()).allMatch(run -> run.contains("\"attempt\":1"));
        assertThat(labels()).hasSize(2);
        assertThat(token()).as("nobody was elected anew").isEqualTo(token);
        assertThat(Files.readString(manager.agentLog())).doesNotContain("[manager-steps-back]");
    }

    private static Look<Boolean> next(Instant slot) throws IOException {
        var shown = get("schedules");
        for (var line : shown.array("schedules").orElse(List.of())) {
            if (line instanceof Map<?, ?> schedule
                    && "base-backup".equals(schedule.get("job"))
                    && schedule.get("next") instanceof List<?> next
                    && !next.isEmpty()
                    && Instant.parse(String.valueOf(next.getFirst())).equals(slot)) {
                return Look.found(true);
            }
        }
        return Look.missing(shown.values().toString());
    }

    private static Look<Boolean> completed(Instant slot) {
        var run = runs().getOrDefault(RUNS + slot, "");
        return run.contains("COMPLETED") ? Look.found(true) : Look.missing(runs().toString());
    }

    private static void schedule(String cron) throws IOException {
        cluster.configure("{\"matriarch\":{\"backup\":{\"schedule\":\"" + cron + "\",\"zone\":\"UTC\"}}}");
    }

    private static String token() throws IOException {
        return String.valueOf(get("manager").object("manager").orElseThrow().number("token"));
    }

    private static TreeMap<String, String> runs() {
        return new TreeMap<>(cluster.etcd().values(RUNS));
    }

    private static List<Path> labels() throws IOException {
        try (Stream<Path> folders = Files.list(repository.resolve("base"))) {
            return folders.filter(f -> Files.exists(f.resolve("backup.json"))).toList();
        }
    }

    private static JsonObject get(String path) throws IOException {
        return Json.parseObject(
                manager.http().get(manager.restUrl("/matriarch/v1/" + path)).body());
    }
}
