package io.matriarch.backup.restore;

import io.matriarch.backup.base.BaseBackup;
import io.matriarch.backup.base.Format;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.restore.Refusal.Rule;
import io.matriarch.backup.sandbox.Unpacking;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Fills the data directory from a backup, every file of it proven. The control file gets its name last: without it nothing starts. */
final class Extraction {
    private static final Pattern TABLESPACE = Pattern.compile("([0-9]+)\\.tar(\\..*)?");
    private static final String MANIFEST = "backup_manifest";
    private static final String CONTROL = "global/pg_control";
    private static final String UNFINISHED_CONTROL = "global/pg_control.unfinished";
    /** Names only, not what links point to. */
    private static final String RENAME_CONTROL =
            "--transform=flags=rSH;s,^\\(\\./\\)\\{0\\,1\\}" + CONTROL + "$," + UNFINISHED_CONTROL + ",";

    private static final Duration CHECK = Duration.ofHours(12);

    private final Site site;
    private final Places places;
    private final Plan plan;

    Extraction(Site site, Places places, Plan plan) {
        this.site = site;
        this.places = places;
        this.plan = plan;
    }

    /** Blocks until all is there and durable. What an earlier run left is removed before. */
    void run(Place place) throws IOException {
        var backup = new Catalogue(site.repository())
                .list()
                .find(plan.label())
                .orElseThrow(() -> new IOException("the backup " + plan.label()
                        + " is no longer in the repository: plan anew in another directory"))
                .description();
        place.empty();
        site.remove(places.tablespaces());
        unpack(backup);
        sortConfiguration(backup);
        prove(backup);
    }

    private void unpack(BackupDescription backup) throws IOException {
        var format = Format.of(backup.format())
                .orElseThrow(() -> new IOException(backup.label() + " has the unknown format " + backup.format()));
        var total = backup.storedBytes();
        long before = 0;
        for (StoredFile file : baseFirst(backup.files())) {
            var name = Catalogue.FOLDER + backup.label() + "/" + file.name();
            var stored = site.repository()
                    .open(name)
                    .orElseThrow(() -> new IOException(name + " is missing in the repository"));
            var command = new ArrayList<>(format.unpack(file.name()));
            if (command.getFirst().equals("tar")) {
                command.add(RENAME_CONTROL);
            }
            try (InputStream in = new Counted(stored, before, total)) {
                var read = new Unpacking(site.programs(), in).into(target(file.name()), command);
                if (!read.sha256().equals(file.sha256())) {
                    throw new IOException(name + " is not what was stored: its SHA-256 is " + read.sha256() + ", not "
                            + file.sha256());
                }
                if (read.fault().isPresent()) {
                    throw new IOException(
                            name + " cannot be unpacked: " + read.fault().get());
                }
            }
            before += file.bytes();
        }
    }

    /** The links to the other tablespaces stand in the base. */
    private static List<StoredFile> baseFirst(List<StoredFile> files) {
        return files.stream()
                .sorted(Comparator.comparing(
                        (StoredFile f) -> TABLESPACE.matcher(f.name()).matches()))
                .toList();
    }

    private Path target(String file) throws IOException {
        var tablespace = TABLESPACE.matcher(file);
        if (tablespace.matches()) {
            var oid = tablespace.group(1);
            Path directory = places.tablespaces().resolve(oid);
            site.run("mkdir", "-p", "-m", "700", directory.toString());
            Path link = places.data().resolve("pg_tblspc").resolve(oid);
            site.run("ln", "-sfn", directory.toString(), link.toString());
            return directory;
        }
        return file.contains(".tar") || file.equals(MANIFEST) ? places.data() : places.configuration();
    }

    /** In a backup that is one file it lies in the data directory, and is no part of that. */
    private void sortConfiguration(BackupDescription backup) throws IOException {
        Path inside = places.data().resolve(BaseBackup.CONFIGURATION);
        if (Format.of(backup.format()).filter(Format.TAR_GZ::equals).isPresent() && Files.isDirectory(inside)) {
            site.remove(places.configuration());
            site.run("mv", "-T", inside.toString(), places.configuration().toString());
        }
    }

    private void prove(BackupDescription backup) throws IOException {
        Path data = places.data();
        if (!Files.exists(data.resolve(MANIFEST))) {
            throw new RefusedException(
                    new Refusal(Rule.MISSING_MANIFEST, backup.label() + " has no " + MANIFEST, List.of()));
        }
        site.progress().says("comparing every file with the manifest");
        var checked = site.programs()
                .postgres(
                        "pg_verifybackup",
                        List.of(
                                "--quiet",
                                "--ignore=" + Places.MARKER,
                                "--ignore=" + CONTROL,
                                "--ignore=" + UNFINISHED_CONTROL,
                                data.toString()),
                        places.home(),
                        CHECK);
        if (!checked.well()) {
            throw new IOException("pg_verifybackup says: " + checked.lastWords());
        }
        // What comes later is recorded as done: so must this be, also after a loss of power.
        site.programs().must(List.of("sync", "-f", data.toString()), places.home(), CHECK);
        Path unfinished = data.resolve(UNFINISHED_CONTROL);
        Path control = data.resolve(CONTROL);
        site.run("mv", "-T", unfinished.toString(), control.toString());
        var said = site.instance(places).control();
        var identifier = said.getOrDefault("Database system identifier", "");
        if (!identifier.equals(plan.system())) {
            site.run("mv", "-T", control.toString(), unfinished.toString());
            throw new IOException(backup.label() + " holds the system " + identifier + ", not " + plan.system());
        }
        site.run("sync", "-f", data.toString());
    }

    /** Tells how far the reading is. */
    private final class Counted extends FilterInputStream {
        private final long total;
        private long read;

        Counted(InputStream in, long before, long total) {
            super(in);
            this.read = before;
            this.total = total;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            site.progress().mayGoOn();
            int n = super.read(buffer, offset, length);
            if (n > 0) {
                read += n;
                site.progress().at("unpacking " + plan.label(), read, total);
            }
            return n;
        }
    }
}
