package io.matriarch.backup.verify;

import io.matriarch.backup.base.BaseBackup;
import io.matriarch.backup.base.Format;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.backup.sandbox.Programs.Ended;
import io.matriarch.backup.sandbox.Sandbox;
import io.matriarch.backup.sandbox.TableCounts;
import io.matriarch.backup.sandbox.Unpacking;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Restores a backup in a sandbox and looks whether it is what it should be. What it finds wrong is the verdict; what keeps it from looking
 * (no room, a missing program) is an {@link IOException}, and says nothing of the backup.
 */
public final class BackupVerifier {
    private static final Pattern TABLESPACE = Pattern.compile("([0-9]+)\\.tar(\\..*)?");
    private static final String MANIFEST = "backup_manifest";
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
     * Verifies one; blocks until it is done, and leaves nothing of the sandbox.
     *
     * @param superuser of the cluster, who may read everything
     */
    public Verdict verify(BackupDescription backup, String superuser) throws IOException {
        long began = nanoTime.getAsLong();
        Path home = work.resolve("verify-" + backup.label());
        programs.must(List.of("rm", "-rf", home.toString()), Path.of("/"), CHECK);
        programs.must(List.of("mkdir", "-m", "700", home.toString()), Path.of("/"), QUESTION);
        var found = new Findings();
        try (var sandbox = new Sandbox(home, programs)) {
            sandbox.prepare();
            var fault = extract(backup, sandbox, found);
            if (fault.isEmpty()) {
                fault = look(backup, sandbox, superuser, began, found);
            }
            return new Verdict(
                    found.reached, fault, found.restore, since(began), found.rows, List.copyOf(found.skipped));
        }
    }

    private static final class Findings {
        private Level reached = Level.COPIED;
        private Duration restore = Duration.ZERO;
        private final Map<String, Long> rows = new LinkedHashMap<>();
        private final List<String> skipped = new ArrayList<>();
    }

    private Duration since(long began) {
        return Duration.ofNanos(nanoTime.getAsLong() - began);
    }

    /** Reads every stored file once: for its checksum, and into the sandbox. */
    private Optional<String> extract(BackupDescription backup, Sandbox sandbox, Findings found) throws IOException {
        var format = Format.of(backup.format())
                .orElseThrow(() -> new IOException(backup.label() + " has the unknown format " + backup.format()));
        for (StoredFile file : baseFirst(backup.files())) {
            var name = Catalogue.FOLDER + backup.label() + "/" + file.name();
            var stored = repository.open(name);
            if (stored.isEmpty()) {
                return Optional.of(name + " is missing in the repository");
            }
            try (InputStream in = stored.get()) {
                var read = new Unpacking(programs, in).into(target(sandbox, file.name()), format.unpack(file.name()));
                if (!read.sha256().equals(file.sha256())) {
                    return Optional.of(name + " is not what was stored: its SHA-256 is " + read.sha256() + ", not "
                            + file.sha256());
                }
                if (read.fault().isPresent()) {
                    return Optional.of(
                            name + " cannot be unpacked: " + read.fault().get());
                }
            }
        }
        return manifest(sandbox, found);
    }

    /** The links to the other tablespaces stand in the base. */
    private static List<StoredFile> baseFirst(List<StoredFile> files) {
        return files.stream()
                .sorted(Comparator.comparing(
                        (StoredFile f) -> TABLESPACE.matcher(f.name()).matches()))
                .toList();
    }

    private static Path target(Sandbox sandbox, String file) throws IOException {
        var tablespace = TABLESPACE.matcher(file);
        if (tablespace.matches()) {
            return sandbox.tablespace(tablespace.group(1));
        }
        return file.contains(".tar") || file.equals(MANIFEST) ? sandbox.data() : sandbox.configuration();
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
        if (!Files.exists(sandbox.data().resolve(MANIFEST))) {
            return Optional.of("it has no " + MANIFEST);
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
            BackupDescription backup, Sandbox sandbox, String superuser, long began, Findings found)
            throws IOException {
        var identifier = sandbox.control().getOrDefault("Database system identifier", "");
        if (!identifier.equals(backup.system().value())) {
            return Optional.of("it holds the system " + identifier + ", not "
                    + backup.system().value());
        }
        moveTablespaces(sandbox);
        var failed = sandbox.start(START, "", Map.of());
        if (failed.isPresent()) {
            return Optional.of("PostgreSQL did not start on it: " + failed.get());
        }
        var asked = sandbox.ask(superuser, "postgres", "select 1\n", QUESTION);
        if (!asked.well()) {
            return Optional.of("it cannot be asked: " + asked.lastWords());
        }
        found.restore = since(began);
        found.reached = Level.STARTS;
        return read(sandbox, superuser, found);
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

    private Optional<String> read(Sandbox sandbox, String superuser, Findings found) throws IOException {
        var counts =
                TableCounts.read((database, script, bound) -> sandbox.ask(superuser, database, script, bound), CHECK);
        found.rows.putAll(counts.rows());
        if (counts.fault().isPresent()) {
            return counts.fault();
        }
        var wrong = amcheck(sandbox, superuser, found);
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
