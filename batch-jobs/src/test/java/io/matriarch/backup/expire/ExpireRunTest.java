package io.matriarch.backup.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Expiry;
import io.matriarch.backup.repository.MemoryStore;
import io.matriarch.backup.repository.ObjectRepository;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.retention.Circumstances;
import io.matriarch.backup.retention.Policies;
import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.backup.wal.Segments;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run of retention does to a repository, object by object. */
class ExpireRunTest {
    private static final int HISTORIES = 400;
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final SystemIdentifier OURS = new SystemIdentifier("7300000000000000001");
    private static final SystemIdentifier LEFT = new SystemIdentifier("7300000000000000002");
    private static final SegmentSize SIZE = new SegmentSize(1 << 20);
    private static final Pattern WAL = Pattern.compile("wal/\\d+/[0-9A-F]{8}/[0-9A-F]{24}(\\.partial)?\\.zst");

    @TempDir
    private Path directory;

    private final Map<String, byte[]> segments = new HashMap<>();
    private final Logger log = Logger.getLogger("io.matriarch.backup");

    /** Hundreds of runs say a line for each backup. */
    @BeforeEach
    void quiet() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        log.setLevel(null);
    }

    /** A repository that remembers the order in which it was changed. */
    private record Recorded(Repository in, List<String> changes) implements Repository {
        @Override
        public Entry create(String name, Content content) throws IOException {
            changes.add("create " + name);
            return in.create(name, content);
        }

        @Override
        public List<Entry> createAll(String folder, Filling filling) throws IOException {
            return in.createAll(folder, filling);
        }

        @Override
        public Optional<InputStream> open(String name) throws IOException {
            return in.open(name);
        }

        @Override
        public List<Entry> list(String prefix) throws IOException {
            return in.list(prefix);
        }

        @Override
        public void delete(String name) throws IOException {
            changes.add("delete " + name);
            in.delete(name);
        }

        @Override
        public Optional<Long> freeBytes() throws IOException {
            return in.freeBytes();
        }

        @Override
        public int forgetPartials(Duration age, Instant now) throws IOException {
            return in.forgetPartials(age, now);
        }

        @Override
        public int forgetUnfinished(String parent) throws IOException {
            return in.forgetUnfinished(parent);
        }
    }

    /** Judges as the manager does, by a policy and circumstances of the test. */
    private static final class World implements ExpireRun.Surroundings {
        private final Set<String> inUse = new HashSet<>();
        private final int keep;
        private final Instant now;
        private Consumer<String> whileDeleting = label -> {};

        World(int keep, Instant now) {
            this.keep = keep;
            this.now = now;
        }

        @Override
        public Expiry judge(Catalogue.Listing listing) {
            var unreadable = listing.unreadable().keySet().stream().findFirst();
            return Expiry.of(
                    listing,
                    inUse,
                    Policies.keeping(keep, 10),
                    new Circumstances(now, OURS.value(), true, Optional.empty(), unreadable));
        }

        @Override
        public void deleting(String label) {
            whileDeleting.accept(label);
        }

        @Override
        public void says(String doing) {}

        @Override
        public boolean isStopped() {
            return false;
        }

        @Override
        public Map<String, Object> author() {
            return Map.of("manager", "m1", "token", 7L);
        }
    }

    private Recorded repository() {
        var store = new MemoryStore(Clock.fixed(NOW, java.time.ZoneOffset.UTC));
        return new Recorded(new ObjectRepository(store, "", directory, Clock.systemUTC()), new ArrayList<>());
    }

    /** @param number tells its label, its time and where its WAL begins */
    private static String backup(
            Repository in,
            int number,
            SystemIdentifier system,
            Backup.State state,
            Optional<Instant> marked,
            Optional<String> held)
            throws IOException {
        var label = "basebackup_%04d".formatted(number);
        var at = NOW.minus(DAY.multipliedBy(30)).plusSeconds(1_800L * number);
        var start = new Lsn(SIZE.start(number).bytes() + 40);
        var description = new BackupDescription(
                label,
                "herd",
                system,
                new Timeline(1),
                start,
                new Lsn(start.bytes() + 100),
                at,
                at,
                "15.1",
                "zstd",
                "pg1",
                1_000,
                List.of(),
                Optional.empty(),
                Optional.empty());
        in.createAll(
                Catalogue.FOLDER + label,
                folder -> Files.writeString(folder.resolve(BackupDescription.FILE), description.toJson()));
        var catalogue = new Catalogue(in);
        catalogue.trust(label, state, at, "", Optional.empty());
        if (marked.isPresent()) {
            catalogue.mark(label, marked);
        }
        if (held.isPresent()) {
            catalogue.hold(label, held, at);
        }
        return label;
    }

    private void wal(Repository in, SystemIdentifier system, int from, int to) throws IOException {
        for (int number = from; number <= to; number++) {
            SegmentName name = SIZE.name(new Timeline(1), number);
            byte[] stored = segment(system, number);
            in.create("wal/" + system + "/00000001/" + name + ".zst", out -> out.write(stored));
        }
        in.create(
                "wal/" + system + "/history/00000002.history",
                out -> out.write(("1\t" + SIZE.start(to) + "\tno recovery target specified\n")
                        .getBytes(StandardCharsets.UTF_8)));
    }

    /** Compressed once for all histories. */
    private byte[] segment(SystemIdentifier system, int number) throws IOException {
        var known = segments.get(system + "/" + number);
        if (known != null) {
            return known;
        }
        byte[] bytes = Segments.bytes(system, SIZE, number, (byte) 0);
        var name = SIZE.name(new Timeline(1), number);
        var aside = new ObjectRepository(new MemoryStore(Clock.systemUTC()), "", directory, Clock.systemUTC());
        new WalArchive(aside, system).put(name, Files.write(directory.resolve("segment"), bytes));
        try (var in = aside.open("wal/" + system + "/00000001/" + name + ".zst").orElseThrow()) {
            byte[] stored = in.readAllBytes();
            segments.put(system + "/" + number, stored);
            return stored;
        }
    }

    private static List<String> names(Repository in, String prefix) throws IOException {
        return in.list(prefix).stream().map(Repository.Entry::name).toList();
    }

    @Test
    void whatIsSparedAtTheLastMomentKeepsItsWal() throws IOException {
        var repository = repository();
        var longAgo = Optional.of(NOW.minus(DAY.multipliedBy(2)));
        for (int number = 1; number <= 4; number++) {
            backup(
                    repository,
                    number,
                    OURS,
                    Backup.State.VERIFIED,
                    number < 4 ? longAgo : Optional.empty(),
                    Optional.empty());
        }
        wal(repository, OURS, 0, 6);
        var world = new World(1, NOW);
        // A restore of the second one begins while the first one goes.
        world.whileDeleting = label -> world.inUse.add("basebackup_0002");

        var done = new ExpireRun(repository, directory, world).run(NOW);

        assertThat(done.deleted()).isEqualTo(2);
        assertThat(new Catalogue(repository).list().find("basebackup_0002")).isPresent();
        assertThat(new WalArchive(repository, OURS).list().segments().keySet())
                .startsWith(SIZE.name(new Timeline(1), 2))
                .hasSize(5);
    }

    @Test
    void backupThatBecomesUnreadableMeanwhileKeepsAllWal() throws IOException {
        var repository = repository();
        backup(
                repository,
                1,
                OURS,
                Backup.State.VERIFIED,
                Optional.of(NOW.minus(DAY.multipliedBy(2))),
                Optional.empty());
        backup(repository, 2, OURS, Backup.State.VERIFIED, Optional.empty(), Optional.empty());
        wal(repository, OURS, 0, 4);
        var world = new World(1, NOW);
        world.whileDeleting = label -> {
            try {
                repository.create("base/basebackup_0003/backup.json", out -> out.write('{'));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };

        var done = new ExpireRun(repository, directory, world).run(NOW);

        assertThat(done.deleted()).isOne();
        assertThat(done.segments()).isZero();
        assertThat(new WalArchive(repository, OURS).list().segments()).hasSize(5);
    }

    /** Before anything of a backup goes it was written down; audits and histories never go; nor does WAL that something left needs. */
    @Test
    void noRandomRepositoryLosesWhatIsNotWrittenDown() throws IOException {
        int backupsGone = 0;
        int segmentsGone = 0;
        for (long seed = 1; seed <= HISTORIES; seed++) {
            var chance = new Random(seed);
            var repository = random(chance);
            var before = names(repository, "");
            repository.changes().clear();

            new ExpireRun(repository, directory, new World(1 + chance.nextInt(3), NOW)).run(NOW);

            var left = names(repository, "");
            var gone = new HashSet<>(before);
            left.forEach(gone::remove);
            assertThat(gone)
                    .as("seed %d", seed)
                    .allMatch(name ->
                            name.startsWith("base/") || WAL.matcher(name).matches());
            backupsGone += isWrittenDown(seed, repository, gone);
            needed(seed, repository, gone);
            segmentsGone +=
                    (int) gone.stream().filter(n -> n.startsWith("wal/")).count();
        }
        // A run that does nothing would pass all of the above.
        assertThat(backupsGone).isGreaterThan(HISTORIES / 4);
        assertThat(segmentsGone).isGreaterThan(HISTORIES / 4);
    }

    private Recorded random(Random chance) throws IOException {
        var repository = repository();
        int size = 1 + chance.nextInt(6);
        for (int number = 1; number <= size; number++) {
            backup(
                    repository,
                    number,
                    chance.nextInt(4) == 0 ? LEFT : OURS,
                    chance.nextInt(4) == 0 ? Backup.State.CONSISTENT : Backup.State.VERIFIED,
                    chance.nextInt(3) == 0
                            ? Optional.empty()
                            : Optional.of(NOW.minus(Duration.ofHours(1 + chance.nextInt(60)))),
                    chance.nextInt(8) == 0 ? Optional.of("a court asked for it") : Optional.empty());
        }
        repository.create("audit/expire_20261101T000000Z_3.json", out -> out.write('{'));
        wal(repository, OURS, chance.nextInt(3), 4 + chance.nextInt(4));
        if (chance.nextBoolean()) {
            wal(repository, LEFT, chance.nextInt(3), 4 + chance.nextInt(4));
        }
        return repository;
    }

    /** How many backups went. */
    private static int isWrittenDown(long seed, Recorded repository, Set<String> gone) throws IOException {
        var labels = new HashSet<String>();
        gone.stream()
                .filter(name -> name.startsWith("base/"))
                .forEach(name -> labels.add(name.substring("base/".length(), name.lastIndexOf('/'))));
        var deletions = repository.changes().stream()
                .filter(change -> change.startsWith("delete base/"))
                .toList();
        assertThat(deletions.isEmpty()).as("seed %d", seed).isEqualTo(labels.isEmpty());
        if (labels.isEmpty()) {
            return 0;
        }
        var audit = "audit/expire_20261123T120000Z_7.json";
        assertThat(repository.changes().indexOf("create " + audit))
                .as("seed %d", seed)
                .isNotNegative()
                .isLessThan(repository.changes().indexOf(deletions.getFirst()));
        try (var in = repository.open(audit).orElseThrow()) {
            var said = Json.parseObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(labels)
                    .as("seed %d", seed)
                    .allMatch(label -> said.values().get("deleted").toString().contains(label));
        }
        return labels.size();
    }

    private static void needed(long seed, Repository repository, Set<String> gone) throws IOException {
        for (var entry : new Catalogue(repository).list().entries()) {
            var first = SIZE.number(entry.description().start());
            var theirs = "wal/" + entry.description().system() + "/";
            assertThat(gone)
                    .as("seed %d, %s", seed, entry.description().label())
                    .noneMatch(name -> name.startsWith(theirs) && number(name) >= first);
        }
    }

    private static long number(String object) {
        var file = object.substring(object.lastIndexOf('/') + 1).replaceFirst("\\..*", "");
        return SIZE.number(SegmentName.of(file).orElseThrow());
    }
}
