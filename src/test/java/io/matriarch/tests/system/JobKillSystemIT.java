package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Eventually.Look;
import io.matriarch.tests.support.Gates;
import io.matriarch.tests.support.Gates.Where;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.RestoredServer;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The manager is killed in every step of every job, and started again. Each kill hits two jobs: one restore, which goes through all of it and
 * is asked for again each time, and another job in a phase of its own; and in the end {@code check-repository}, whose step is the shortest. What
 * comes after is as if nothing had happened.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JobKillSystemIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration AT_ONCE = Duration.ofSeconds(10);
    private static final String KEYS = "/service/herd/matriarch/manager/";
    private static final String SLOTS = KEYS + "run/base-backup/";
    private static final int ROWS = 1_100;
    private static final int TRIES = 10;
    /** So many more files in a backup that its deletion takes long enough to be met in its midst. */
    private static final int EXTRA_FILES = 4_000;

    private static final List<String> RESTORE_STEPS =
            List.of("plan", "precheck", "wal", "extract", "configure", "recover", "promote", "verify", "handover");

    private static MatriarchCluster cluster;
    private static Member manager;
    private static Path repository;
    private static Gates gates;
    private static RestoredServer restored;
    private static String wish;
    private static String first;
    private static String wishOfCheck;
    private static State undisturbed;

    /** Where a program of a job waits. */
    private record Hold(String program, Where where, String pattern) {
        void arm() {
            gates.arm(program, where, pattern);
        }

        void await() {
            Eventually.holds(this + " is reached", LIMIT, () -> gates.reached(program));
        }
    }

    /** A job beside the restore. */
    private enum Beside {
        /** Begun anew after the kill. */
        BACKUP("base-backup", false),
        VERIFICATION("verify-backup", true),
        EXPIRY("expire-backups", true),
        CONTINUITY("wal-continuity", false),
        /** A backup that a schedule began: the manager itself begins it again. */
        SLOT("base-backup", false);

        private final String job;
        private final boolean restartable;

        Beside(String job, boolean restartable) {
            this.job = job;
            this.restartable = restartable;
        }
    }

    private static Hold before(String program, String pattern) {
        return new Hold(program, Where.BEFORE, pattern);
    }

    /** In this order: the restore goes on from one to the next. */
    private enum Moment {
        BEFORE_THE_COPY(
                "plan", before("mkdir", ".restore/wal"), Beside.BACKUP, before("pg_basebackup", "base/.partial-")),
        COPYING(
                "precheck",
                before("touch", "matriarch.restore"),
                Beside.BACKUP,
                new Hold("pg_basebackup", Where.THROTTLED, "base/.partial-")),
        COPIED_AND_NOT_DESCRIBED(
                "wal",
                before("pg_waldump", ".restore/wal"),
                Beside.BACKUP,
                new Hold("pg_basebackup", Where.AFTER, "base/.partial-")),
        VERIFIED_BY_ITS_BACKUP(
                "extract",
                new Hold("tar", Where.HALF, "restored-by-kills"),
                Beside.BACKUP,
                before("pg_verifybackup", "verify-")),
        UNPACKING_IN_THE_SANDBOX(
                "extract",
                before("pg_verifybackup", "restored-by-kills"),
                Beside.VERIFICATION,
                new Hold("tar", Where.HALF, "verify-")),
        SANDBOX_RUNS(
                "configure",
                before("touch", "restored-by-kills/recovery.signal"),
                Beside.VERIFICATION,
                before("pg_amcheck", "")),
        BEFORE_THE_VERDICT(
                "recover",
                before("pg_ctl", "start"),
                Beside.VERIFICATION,
                new Hold("pg_checksums", Where.AFTER, "verify-")),
        READING_WAL("recover", before("cp", "RECOVERY"), Beside.CONTINUITY, before("zstd", "-d")),
        MARKING("promote", before("pg_ctl", "promote"), Beside.EXPIRY),
        DELETING("verify", before("psql", "dbname='template1'"), Beside.EXPIRY),
        IN_A_SLOT("handover", before("rm", ".restore/wal"), Beside.SLOT, before("pg_basebackup", "base/.partial-"));

        private final String step;
        private final Hold ofRestore;
        private final Beside beside;
        private final Optional<Hold> ofOther;

        Moment(String step, Hold ofRestore, Beside beside, Hold ofOther) {
            this.step = step;
            this.ofRestore = ofRestore;
            this.beside = beside;
            this.ofOther = Optional.of(ofOther);
        }

        /** Met by what it changes in the repository. */
        Moment(String step, Hold ofRestore, Beside beside) {
            this.step = step;
            this.ofRestore = ofRestore;
            this.beside = beside;
            this.ofOther = Optional.empty();
        }
    }

    /**
     * What a job must not leave behind, whatever happened to it.
     *
     * @param partials half written backups
     * @param work what is in the manager's work directory
     * @param secrets files with passwords
     * @param strays processes that work in the manager's directories or the repository and are not the manager's
     * @param unreadable folders of the repository that are no backups
     */
    private record State(
            List<String> partials,
            List<String> work,
            List<String> secrets,
            List<String> strays,
            List<String> unreadable,
            List<String> slots,
            String running) {
        static State now() throws Exception {
            return new State(
                    names(repository.resolve("base"), name -> name.startsWith(".")),
                    // The stream's segment stays as long as the stream.
                    names(manager.stateDirectory().resolve("work"), name -> !name.equals("wal")),
                    names(manager.stateDirectory().resolve("tmp"), name -> name.endsWith(".pgpass")),
                    JobKillSystemIT.strays(),
                    names(repository.resolve("base"), JobKillSystemIT::isNoBackup),
                    Sql.list(
                            cluster.primary().endpoint(),
                            "postgres",
                            "select slot_name from pg_replication_slots order by 1"),
                    get("/matriarch/v1/jobs?state=RUNNING,STOPPING").values().toString());
        }
    }

    @BeforeAll
    static void oneMemberAManagerAndABackup() throws Exception {
        cluster = MatriarchCluster.start(ClusterPlan.threeMembers().withMembers(1));
        repository = cluster.directory().resolve("shared-repository");
        Workplace.ownedByPostgres(repository);
        gates = Gates.in(cluster.directory().resolve("programs"));
        restored = new RestoredServer(cluster.directory().resolve("place/restored-by-kills"));
        Workplace.ownedByPostgres(restored.data().getParent());
        manager = cluster.addMember(Optional.of("m1"), "m1");
        manager.configure(Files.readString(manager.configuration())
                        .replace("bin_dir: " + Workplace.postgresBin(), "bin_dir: " + gates.directory())
                + "matriarch:\n  roles: manager\n  backup:\n    repository: " + repository
                + "\n    wal_timeout: 2\n    keep: 1\n    retention:\n      delay: 0\n      deletions_per_run: 1\n"
                + Workplace.NO_SCHEDULES);
        // In force since long ago, so that the slot of last midnight was missed and is caught up on when the schedule
        // is on.
        cluster.etcd()
                .put(
                        KEYS + "schedule/base-backup",
                        "{\"cron\":\"0 0 * * *\",\"zone\":\"UTC\",\"since\":\"2026-01-01T00:00:00Z\"}");
        startManager();
        var at = cluster.primary().endpoint();
        Sql.execute(at, "create table kept as select n, md5(n::text) from generate_series(1, 1000) as n");
        complete(start(Beside.BACKUP));
        first = labels().getFirst();
        assertThat(manager.matriarch("hold", first, "--why", "it is being restored")
                        .code())
                .isZero();
        Sql.execute(at, "insert into kept select n, md5(n::text) from generate_series(1001, 1100) as n");
        var target = Sql.ask(at, "select pg_current_wal_insert_lsn()");
        Sql.execute(at, "drop table kept");
        var segment = Sql.ask(at, "select pg_walfile_name(pg_current_wal_insert_lsn())");
        Sql.ask(at, "select pg_switch_wal()");
        Eventually.holds(segment + " is stored", LIMIT, () -> isStored(segment));
        wish = Json.compact(Map.of(
                "target_lsn",
                target,
                "label",
                first,
                "directory",
                restored.data().toString()));
        wishOfCheck = Json.compact(
                Map.of("job", "check-repository", "parameters", Map.of("repository", repository.toString())));
        undisturbed = State.now();
        assertThat(undisturbed.strays()).isEmpty();
        assertThat(undisturbed.partials()).isEmpty();
    }

    @AfterAll
    static void stop() {
        gates.open();
        restored.close();
        manager.destroy();
        cluster.close();
    }

    @ParameterizedTest
    @EnumSource
    @Order(1)
    void killedAndStartedAgain(Moment moment) throws Exception {
        moment.ofRestore.arm();
        moment.ofOther.ifPresent(Hold::arm);
        if (moment == Moment.DELETING) {
            makeDeletionsLong();
        }
        var labels = labels();
        long restore = id(post("/matriarch/v1/restores", wish));
        moment.ofRestore.await();
        long other = start(moment.beside);
        awaitOther(moment, labels);

        manager.agent().signal("KILL");
        manager.agent().awaitExit(AT_ONCE);

        assertThat(stepsDone()).isEqualTo(RESTORE_STEPS.subList(0, RESTORE_STEPS.indexOf(moment.step)));

        if (moment == Moment.DELETING) {
            assertThat(labels).anyMatch(label -> Files.exists(inBase(label, "deleting")));
        } else {
            assertThat(labels()).containsAll(labels);
        }
        gates.open();
        Eventually.find("the manager's children end with it", AT_ONCE, () -> {
            var left = strays();
            return left.isEmpty() ? Look.found(true) : Look.missing(left.toString());
        });
        startManager();
        for (long id : List.of(restore, other)) {
            assertThat(get("/matriarch/v1/jobs/" + id).values().toString())
                    .contains("state=FAILED", "interrupted: the manager stopped while it ran");
        }
        goOn(moment, other);
        assertThat(State.now()).isEqualTo(undisturbed);
    }

    @Test
    @Order(2)
    void theRestoreThatWasKilledInEachStepIsComplete() throws Exception {
        complete(id(post("/matriarch/v1/restores", wish)));

        assertThat(restored.ask("select count(*), pg_is_in_recovery() from kept"))
                .isEqualTo(ROWS + "|f");
        assertThat(stepsDone()).isEqualTo(RESTORE_STEPS);
        assertThat(restored.data().resolve("matriarch.restore")).doesNotExist();
        assertThat(restored.data().resolve("recovery.signal")).doesNotExist();
        assertThat(restored.home().resolve("wal")).doesNotExist();
        assertThat(State.now()).isEqualTo(undisturbed);
    }

    @Test
    @Order(3)
    void repositoryAndItsCopyInEtcdAgree() throws Exception {
        var listed = new TreeMap<String, String>();
        for (var one : (List<?>) get("/matriarch/v1/backups").values().get("backups")) {
            var backup = (Map<?, ?>) one;
            listed.put(String.valueOf(backup.get("label")), String.valueOf(backup.get("state")));
        }
        assertThat(listed.keySet()).containsExactlyInAnyOrderElementsOf(labels());
        assertThat(listed.values()).doesNotContain("SUSPECT");
        assertThat(listed).containsEntry(first, "VERIFIED").containsEntry(labels().getLast(), "VERIFIED");
        assertThat(manager.matriarch("wal", "check").output()).contains("whole from " + first);
        Eventually.find("the same in etcd", LIMIT, () -> {
            var copy = new TreeMap<String, String>();
            cluster.etcd()
                    .values(KEYS + "catalogue/")
                    .forEach((key, card) -> copy.put(
                            key.substring(key.lastIndexOf('/') + 1),
                            Json.parseObject(card).string("state").orElse("")));
            return copy.equals(listed) ? Look.found(true) : Look.missing(copy + " instead of " + listed);
        });
    }

    /** The probe is there for some milliseconds: where a kill comes too late the next one is tried. */
    @Test
    @Order(4)
    void probeOfACheckThatWasKilledGoesWithALaterOne() throws Exception {
        long check = -1;
        boolean interrupted = false;
        for (int n = 0; n < TRIES && !interrupted; n++) {
            var agent = ProcessHandle.of(manager.agent().pid()).orElseThrow();
            check = id(post("/matriarch/v1/jobs", wishOfCheck));
            if (isMet(() -> !probes().isEmpty(), AT_ONCE)) {
                agent.destroyForcibly();
                manager.agent().awaitExit(AT_ONCE);
                startManager();
                interrupted = get("/matriarch/v1/jobs/" + check)
                        .string("state")
                        .filter("FAILED"::equals)
                        .isPresent();
            }
        }
        assertThat(interrupted).as("one of %d kills hit the midst", TRIES).isTrue();
        // One that is younger may be of another manager, which still writes it.
        for (var probe : probes()) {
            Files.setLastModifiedTime(
                    repository.resolve(probe), FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        }

        complete(id(post("/matriarch/v1/jobs/" + check + "/restart", "")));

        assertThat(probes()).isEmpty();
        assertThat(State.now()).isEqualTo(undisturbed);
    }

    private static List<String> probes() throws IOException {
        return names(repository, name -> name.startsWith(".matriarch-probe-"));
    }

    private static long start(Beside beside) throws Exception {
        if (beside != Beside.SLOT) {
            return id(post("/matriarch/v1/jobs", Json.compact(Map.of("job", beside.job))));
        }
        schedule("0 0 * * *");
        return Eventually.find("the slot is taken", LIMIT, () -> execution(1));
    }

    private static void awaitOther(Moment moment, List<String> before) throws Exception {
        moment.ofOther.ifPresent(Hold::await);
        switch (moment) {
            case COPYING -> Eventually.holds("some bytes", LIMIT, () -> bytesOfPartials() > 0);
            case SANDBOX_RUNS ->
                assertThat(Signals.tree(manager.agent().pid()).stream().map(Signals::title))
                        .anyMatch(title -> title.contains("/postgres -D") && title.contains("/verify-"));
            case MARKING -> soon("a mark", () -> marked(before));
            case DELETING ->
                soon("a deletion", () -> before.stream().anyMatch(label -> Files.exists(inBase(label, "deleting"))));
            case BEFORE_THE_COPY,
                    COPIED_AND_NOT_DESCRIBED,
                    VERIFIED_BY_ITS_BACKUP,
                    UNPACKING_IN_THE_SANDBOX,
                    BEFORE_THE_VERDICT,
                    READING_WAL,
                    IN_A_SLOT -> {}
        }
    }

    /** What a user does, or the schedule; and what comes of it is what came of the first one. */
    private static void goOn(Moment moment, long killed) throws Exception {
        if (moment == Moment.IN_A_SLOT) {
            Eventually.find("the slot is done after all", LIMIT, () -> {
                var runs = cluster.etcd().values(SLOTS).values();
                return runs.stream().anyMatch(run -> run.contains("\"attempt\":2") && run.contains("COMPLETED"))
                        ? Look.found(true)
                        : Look.missing(runs.toString());
            });
            schedule("off");
            return;
        }
        int before = labels().size();
        complete(
                moment.beside.restartable
                        ? id(post("/matriarch/v1/jobs/" + killed + "/restart", ""))
                        : start(moment.beside));
        if (moment.beside == Beside.BACKUP) {
            assertThat(labels()).hasSize(before + 1);
            assertThat(state(labels().getLast())).isEqualTo("VERIFIED");
        }
        if (moment == Moment.DELETING) {
            assertThat(labels()).noneMatch(label -> Files.exists(inBase(label, "deleting")));
        }
    }

    private static void startManager() {
        manager.start(Map.of("PATH", gates.directory() + ":" + System.getenv("PATH")));
        Eventually.holds(
                "it is elected",
                LIMIT,
                () -> Boolean.TRUE.equals(get("/matriarch/v1/manager").values().get("elected")));
    }

    private static void schedule(String cron) throws IOException {
        cluster.configure("{\"matriarch\":{\"backup\":{\"schedule\":\"" + cron + "\"}}}");
    }

    private static Look<Long> execution(int attempt) {
        var runs = cluster.etcd().values(SLOTS).values();
        return runs.stream()
                .map(Json::parseObject)
                .filter(run -> run.number("attempt").equals(Optional.of((long) attempt)))
                .flatMap(run -> run.number("execution").stream())
                .findFirst()
                .map(Look::found)
                .orElseGet(() -> Look.missing(runs.toString()));
    }

    private static void complete(long id) {
        Eventually.find("execution " + id + " is complete", LIMIT, () -> {
            var job = get("/matriarch/v1/jobs/" + id);
            var state = job.string("state").orElse("");
            if (List.of("FAILED", "STOPPED", "ABANDONED").contains(state)) {
                throw new AssertionError(job.values());
            }
            return state.equals("COMPLETED")
                    ? Look.found(true)
                    : Look.missing(job.values().toString());
        });
    }

    private static void makeDeletionsLong() throws IOException {
        for (String label : labels()) {
            if (!label.equals(first)) {
                for (int n = 0; n < EXTRA_FILES; n++) {
                    Files.createFile(inBase(label, "extra-" + n));
                }
            }
        }
    }

    private static boolean marked(List<String> labels) throws IOException {
        for (String label : labels) {
            for (String name : names(inBase(label, ""), name -> name.startsWith("state-"))) {
                if (Files.readString(inBase(label, name)).contains("\"marked\"")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void soon(String what, Eventually.Condition condition) throws Exception {
        assertThat(isMet(condition, LIMIT)).as(what).isTrue();
    }

    /** Looks without a pause: what is awaited does not last. */
    private static boolean isMet(Eventually.Condition condition, Duration limit) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean met = condition.holds();
        while (!met && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
            met = condition.holds();
        }
        return met;
    }

    private static long bytesOfPartials() throws IOException {
        try (Stream<Path> files = Files.walk(repository.resolve("base"))) {
            return files.filter(Files::isRegularFile)
                    .filter(f -> f.toString().contains("/.partial-"))
                    .mapToLong(f -> f.toFile().length())
                    .sum();
        }
    }

    private static boolean isStored(String segment) throws IOException {
        try (Stream<Path> files = Files.walk(repository.resolve("wal"))) {
            return files.anyMatch(f -> f.endsWith(segment + ".zst"));
        }
    }

    /** The folder of a deleted backup stays, empty but for objects that were half written, which stay hidden for a day. */
    private static boolean isNoBackup(String name) {
        String[] files = Optional.ofNullable(inBase(name, "").toFile().list((folder, file) -> !file.startsWith(".")))
                .orElse(new String[0]);
        return !name.startsWith(".")
                && files.length > 0
                && (!Files.exists(inBase(name, "backup.json")) || Files.exists(inBase(name, "deleting")));
    }

    private static Path inBase(String label, String name) {
        return repository.resolve("base").resolve(label).resolve(name);
    }

    private static List<String> labels() throws IOException {
        return names(
                repository.resolve("base"), name -> Files.exists(inBase(name, "backup.json")) && !name.startsWith("."));
    }

    private static List<String> names(Path folder, java.util.function.Predicate<String> which) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(which)
                    .sorted()
                    .toList();
        }
    }

    private static List<String> stepsDone() {
        return RESTORE_STEPS.stream().filter(restored::isDone).toList();
    }

    /** The restored server is none: it is there to stay. */
    private static List<String> strays() {
        var theirs = new TreeSet<Long>();
        if (manager.agentRuns()) {
            theirs.addAll(Signals.tree(manager.agent().pid()));
        }
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> !theirs.contains(pid))
                .filter(pid -> works(pid, manager.directory()) || works(pid, repository))
                .map(pid -> Signals.title(pid).strip())
                .filter(title -> !title.isEmpty())
                .collect(Collectors.toList());
    }

    private static boolean works(long pid, Path where) {
        if (!Signals.alive(pid)) {
            return false;
        }
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd")).startsWith(where)
                    || Signals.title(pid).contains(where + "/");
        } catch (IOException gone) {
            return false;
        }
    }

    private static String state(String label) throws IOException {
        for (var one : (List<?>) get("/matriarch/v1/backups").values().get("backups")) {
            if (one instanceof Map<?, ?> backup && label.equals(backup.get("label"))) {
                return String.valueOf(backup.get("state"));
            }
        }
        return "not there";
    }

    private static JsonObject get(String path) throws IOException {
        var answer = manager.http().get(manager.restUrl(path));
        return Json.tryParseObject(answer.body()).orElseThrow(() -> new IOException(path + ": " + answer.body()));
    }

    private static JsonObject post(String path, String body) {
        var answer = Command.run(
                "curl", "-sS", "-m", "60", "-H", "Content-Type: application/json", "-d", body, manager.restUrl(path));
        return Json.parseObject(answer);
    }

    private static long id(JsonObject accepted) {
        return accepted.number("id").orElseThrow(() -> new AssertionError(accepted.values()));
    }
}
