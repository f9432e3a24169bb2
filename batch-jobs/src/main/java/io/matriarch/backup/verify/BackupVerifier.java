package io.matriarch.backup.verify;

import io.matriarch.backup.base.BaseBackup;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.repository.DamagedException;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.restore.WalBehind;
import io.matriarch.backup.sandbox.Combination;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.backup.sandbox.Programs.Ended;
import io.matriarch.backup.sandbox.Room;
import io.matriarch.backup.sandbox.Sandbox;
import io.matriarch.backup.sandbox.TableCounts;
import io.matriarch.backup.sandbox.Unpacker;
import io.matriarch.ha.model.BackupPolicy.Losses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Restores a backup in a sandbox and looks whether it is what it should be. What it finds wrong is the verdict; what keeps it from looking
 * (no room, a missing program) is an {@link IOException}, and says nothing of the backup.
 */
public final class BackupVerifier {
    private static final String PAGE_CHECKSUMS = "Data page checksum version";
    private static final Duration START = Duration.ofHours(1);
    private static final Duration CHECK = Duration.ofHours(12);
    private static final Duration QUESTION = Duration.ofMinutes(1);

    private final Repository repository;
    private final Programs programs;
    private final Path work;
    private final LongSupplier nanoTime;

    /**
     * @param programs of the backup's major version
     * @param work where a sandbox may stand; on a volume with room for the whole cluster
     */
    public BackupVerifier(Repository repository, Programs programs, Path work, LongSupplier nanoTime) {
        this.repository = repository;
        this.programs = programs;
        this.work = work;
        this.nanoTime = nanoTime;
    }

    /**
     * Verifies one; blocks until it is done, and leaves nothing of the sandbox. What cannot be replayed behind the end of the backup is
     * restored once more without: only what the backup holds itself can be its fault.
     *
     * @param chain the backup as the last one, before it what it builds on, the full one first
     */
    public Verdict verify(List<BackupDescription> chain, Task task) throws IOException {
        var backup = chain.getLast();
        long needed = roomFor(chain);
        Room.mustBe(work, needed, "restoring " + backup.label() + " in a sandbox");
        Path fetched = work.resolve("verify-" + backup.label() + ".wal");
        empty(fetched);
        try {
            var prepared = Preparation.of(
                    task.wish(),
                    backup,
                    () -> new WalBehind(backup, repository, programs, fetched, needed),
                    RandomGenerator.getDefault());
            var verdict = attempt(chain, task, prepared);
            boolean ofReplay = verdict.reached() == Level.INTACT || verdict.reached() == Level.STARTS;
            if (prepared.target().isEmpty() || verdict.fault().isEmpty() || !ofReplay) {
                return verdict;
            }
            empty(fetched);
            return attempt(
                    chain,
                    task,
                    Preparation.after(prepared.target().get(), verdict.fault().get()));
        } finally {
            programs.forTidying().must(List.of("rm", "-rf", fetched.toString()), Path.of("/"), CHECK);
        }
    }

    private static long roomFor(List<BackupDescription> chain) {
        long bytes = chain.stream().mapToLong(BackupDescription::serverBytes).sum();
        return Room.forServer(chain.size() == 1 ? bytes : Combination.roomFor(bytes));
    }

    private void empty(Path directory) throws IOException {
        programs.must(List.of("rm", "-rf", directory.toString()), Path.of("/"), CHECK);
        programs.must(List.of("mkdir", "-m", "700", directory.toString()), Path.of("/"), QUESTION);
    }

    private Verdict attempt(List<BackupDescription> chain, Task task, Preparation prepared) throws IOException {
        var backup = chain.getLast();
        long began = nanoTime.getAsLong();
        Path home = work.resolve("verify-" + backup.label());
        empty(home);
        var found = new Findings();
        found.skipped.addAll(prepared.skipped());
        prepared.complaint().ifPresent(found::complain);
        try (var sandbox = new Sandbox(home, programs)) {
            sandbox.prepare();
            var fault = extract(chain, sandbox, home, found);
            if (fault.isEmpty()) {
                fault = look(backup, sandbox, task, prepared.target(), began, found);
            }
            return found.verdict(fault, since(began));
        }
    }

    private Duration since(long began) {
        return Duration.ofNanos(nanoTime.getAsLong() - began);
    }

    /** Reads every stored file once: for its checksum, and into the sandbox. */
    private Optional<String> extract(List<BackupDescription> chain, Sandbox sandbox, Path home, Findings found)
            throws IOException {
        var unpacker = new Unpacker(repository, programs, in -> in, List.of());
        try {
            var fault = chain.size() == 1
                    ? unpacker.unpack(chain.getFirst(), new InSandbox(sandbox))
                    : combine(chain, new Combination(unpacker, programs, home.resolve("chain")), sandbox, found);
            return fault.isPresent() ? fault : manifest(sandbox, found);
        } catch (DamagedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> combine(
            List<BackupDescription> chain, Combination combination, Sandbox sandbox, Findings found)
            throws IOException {
        var fault = combination.into(
                chain, sandbox.data(), oid -> sandbox.tablespacePlace(oid.toString()), sandbox.configuration());
        found.parent = fault.map(Combination.Fault::label)
                .filter(label -> !label.equals(chain.getLast().label()));
        return fault.map(Combination.Fault::why);
    }

    /** Of a backup that is whole by itself. */
    private record InSandbox(Sandbox sandbox) implements Unpacker.Target {
        @Override
        public Path data() {
            return sandbox.data();
        }

        @Override
        public Path tablespace(String oid) throws IOException {
            return sandbox.tablespace(oid);
        }

        @Override
        public Path configuration() {
            return sandbox.configuration();
        }
    }

    private Optional<String> manifest(Sandbox sandbox, Findings found) throws IOException {
        // Written beside the data directory's own files, and no part of it.
        programs.must(
                List.of(
                        "rm",
                        "-rf",
                        sandbox.data().resolve(BaseBackup.CONFIGURATION).toString()),
                work,
                QUESTION);
        if (!Files.exists(sandbox.data().resolve(BackupDescription.MANIFEST))) {
            return Optional.of("it has no " + BackupDescription.MANIFEST);
        }
        found.reached = Level.CONSISTENT;
        var checked = programs.postgres(
                "pg_verifybackup", List.of("--quiet", sandbox.data().toString()), work, CHECK);
        if (!checked.well()) {
            return Optional.of("pg_verifybackup says: " + checked.lastWords());
        }
        found.reached = Level.INTACT;
        return Optional.empty();
    }

    private Optional<String> look(
            BackupDescription backup, Sandbox sandbox, Task task, Optional<Target> target, long began, Findings found)
            throws IOException {
        var identifier = sandbox.control().getOrDefault("Database system identifier", "");
        if (!identifier.equals(backup.system().value())) {
            return Optional.of("it holds the system " + identifier + ", not "
                    + backup.system().value());
        }
        moveTablespaces(sandbox);
        var failed = target.isPresent()
                ? sandbox.recover(START, target.get().settings(), target.get().least())
                : sandbox.start(START, "", Map.of());
        if (failed.isPresent()) {
            return Optional.of("PostgreSQL did not start on it: " + failed.get());
        }
        if (target.isPresent()) {
            var replaying = new Replaying(sandbox, task.superuser(), programs.halt());
            var stuck = replaying.awaitPause();
            if (stuck.isPresent()) {
                return stuck;
            }
            replayed(replaying, task, target.get().moment(), found);
        }
        found.restore = since(began);
        if (target.isPresent()) {
            // What the moment cuts off may hold locks until then.
            sandbox.promote(START);
        }
        var asked = sandbox.ask(task.superuser(), "postgres", "select 1\n", QUESTION);
        if (!asked.well()) {
            return Optional.of("it cannot be asked: " + asked.lastWords());
        }
        found.reached = Level.STARTS;
        var fault = read(sandbox, task, found);
        return fault.isPresent()
                ? fault
                : judge(task, target.map(Target::moment).orElse(backup.stoppedAt()), found);
    }

    private static void replayed(Replaying replaying, Task task, Instant moment, Findings found) throws IOException {
        found.moment = Optional.of(moment);
        if (task.wanted().heartbeat().isZero()) {
            found.skipped.add("the heartbeat: it is switched off");
            return;
        }
        var heartbeat = replaying.heartbeat(task.database());
        if (heartbeat.isEmpty()) {
            found.skipped.add("the heartbeat: there was none in the database " + task.database() + " at that moment");
        } else {
            heartbeat.get().wrongAt(moment, task.wanted().tolerance()).ifPresent(found::complain);
            found.heartbeat = true;
        }
    }

    private void moveTablespaces(Sandbox sandbox) throws IOException {
        Path map = sandbox.data().resolve("tablespace_map");
        if (!Files.exists(map)) {
            return;
        }
        var lines = new ArrayList<String>();
        for (String line : Files.readAllLines(map)) {
            var oid = line.split(" ", 2)[0];
            lines.add(oid + " " + sandbox.tablespacePlace(oid));
        }
        Files.write(map, lines);
    }

    private Optional<String> read(Sandbox sandbox, Task task, Findings found) throws IOException {
        TableCounts.Question server =
                (database, script, bound) -> sandbox.ask(task.superuser(), database, script, bound);
        var counts = TableCounts.read(server, CHECK);
        found.rows.putAll(counts.rows());
        if (counts.fault().isPresent()) {
            return counts.fault();
        }
        var schema = Schema.read(server);
        if (schema.fault().isPresent()) {
            return schema.fault();
        }
        found.objects.putAll(schema.objects());
        found.failing.addAll(new Assertions(sandbox, task.superuser(), task.database())
                .failing(task.wanted().assertions()));
        var wrong = amcheck(sandbox, task.superuser(), found);
        if (wrong.isPresent()) {
            return wrong;
        }
        boolean pages = !sandbox.control().getOrDefault(PAGE_CHECKSUMS, "0").equals("0");
        sandbox.stop();
        if (!pages) {
            found.skipped.add("page checksums: the cluster was created without");
        } else {
            var checked = programs.postgres(
                    "pg_checksums", List.of("--check", sandbox.data().toString()), work, CHECK);
            if (!checked.well()) {
                return Optional.of("pg_checksums says: " + checked.lastWords());
            }
        }
        found.reached = Level.SOUND;
        return Optional.empty();
    }

    /** What PostgreSQL holds for good may not be what the users want to keep: then nothing older may go for it. */
    private static Optional<String> judge(Task task, Instant of, Findings found) throws IOException {
        task.earlier()
                .before(of)
                .map(before -> Comparison.losses(
                        before, found.rows, found.objects, task.wanted().rowDropPercent()))
                .ifPresent(found.losses::addAll);
        var faults = new ArrayList<>(found.failing);
        if (task.wanted().losses() == Losses.SUSPECT) {
            faults.addAll(found.losses);
        }
        if (!faults.isEmpty()) {
            return Optional.of(Comparison.words(faults));
        }
        if (found.heartbeat && found.complaint.isEmpty()) {
            found.reached = Level.RIGHT;
        }
        return Optional.empty();
    }

    private Optional<String> amcheck(Sandbox sandbox, String superuser, Findings found) throws IOException {
        var there = sandbox.ask(
                superuser, "postgres", "select 1 from pg_available_extensions where name = 'amcheck'\n", QUESTION);
        if (there.output().isBlank()) {
            found.skipped.add("indexes against their tables: the extension amcheck is not installed");
            return Optional.empty();
        }
        Ended checked = programs.postgres(
                "pg_amcheck",
                List.of(
                        "--all",
                        "--install-missing",
                        "--heapallindexed",
                        "--host=" + sandbox.socket(),
                        "--username=" + superuser),
                work,
                CHECK);
        return checked.well() ? Optional.empty() : Optional.of("pg_amcheck says: " + checked.lastWords());
    }
}
