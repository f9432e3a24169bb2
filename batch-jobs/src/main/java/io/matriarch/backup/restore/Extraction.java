package io.matriarch.backup.restore;

import io.matriarch.backup.base.BaseBackup;
import io.matriarch.backup.base.Format;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.restore.Refusal.Rule;
import io.matriarch.backup.sandbox.Combination;
import io.matriarch.backup.sandbox.Unpacker;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Fills the data directory from a backup, every file of it proven. The control file gets its name last: without it nothing starts. */
final class Extraction {
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
        var listing = new Catalogue(site.repository()).list();
        var entry = listing.find(plan.label())
                .orElseThrow(() -> new IOException("the backup " + plan.label()
                        + " is no longer in the repository: plan anew in another directory"));
        var chain = listing.chain(entry);
        if (chain.broken().isPresent()) {
            throw new IOException(chain.broken().get());
        }
        place.empty();
        site.remove(places.tablespaces());
        var backup = entry.description();
        if (chain.links().size() == 1) {
            faultless(unpacker(backup.storedBytes(), List.of(RENAME_CONTROL)).unpack(backup, new Whole()));
        } else {
            combine(chain.descriptions());
        }
        sortConfiguration(backup);
        prove(backup);
    }

    private Unpacker unpacker(long total, List<String> tarOptions) {
        var read = new AtomicLong();
        return new Unpacker(
                site.repository(), site.programs(), in -> new Counted(in, read, total), List.copyOf(tarOptions));
    }

    private static void faultless(Optional<String> fault) throws IOException {
        if (fault.isPresent()) {
            throw new IOException(fault.get());
        }
    }

    private void combine(List<BackupDescription> chain) throws IOException {
        Path whole = places.home().resolve("combined");
        site.remove(whole);
        site.run("mkdir", "-m", "700", whole.toString());
        site.run("mkdir", "-p", "-m", "700", places.tablespaces().toString());
        long total = chain.stream().mapToLong(BackupDescription::storedBytes).sum();
        var combination = new Combination(
                unpacker(total, List.of()), site.programs(), places.home().resolve("chain"));
        faultless(combination
                .into(chain, whole, oid -> places.tablespaces().resolve(oid), places.configuration())
                .map(Combination.Fault::why));
        site.run(
                "mv",
                "-T",
                whole.resolve(CONTROL).toString(),
                whole.resolve(UNFINISHED_CONTROL).toString());
        site.programs()
                .must(
                        List.of(
                                "find",
                                whole.toString(),
                                "-mindepth",
                                "1",
                                "-maxdepth",
                                "1",
                                "-exec",
                                "mv",
                                "-t",
                                places.data().toString(),
                                "{}",
                                "+"),
                        places.home(),
                        CHECK);
        site.remove(whole);
    }

    /** Of a backup that is whole by itself. */
    private final class Whole implements Unpacker.Target {
        @Override
        public Path data() {
            return places.data();
        }

        @Override
        public Path tablespace(String oid) throws IOException {
            Path directory = places.tablespaces().resolve(oid);
            site.run("mkdir", "-p", "-m", "700", directory.toString());
            Path link = places.data().resolve("pg_tblspc").resolve(oid);
            site.run("ln", "-sfn", directory.toString(), link.toString());
            return directory;
        }

        @Override
        public Path configuration() {
            return places.configuration();
        }
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
        if (!Files.exists(data.resolve(BackupDescription.MANIFEST))) {
            throw new RefusedException(new Refusal(
                    Rule.MISSING_MANIFEST, backup.label() + " has no " + BackupDescription.MANIFEST, List.of()));
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
        private final AtomicLong read;
        private final long total;

        Counted(InputStream in, AtomicLong read, long total) {
            super(in);
            this.read = read;
            this.total = total;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            site.progress().mayGoOn();
            int n = super.read(buffer, offset, length);
            if (n > 0) {
                site.progress().at("unpacking " + plan.label(), read.addAndGet(n), total);
            }
            return n;
        }
    }
}
