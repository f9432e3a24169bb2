package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.ToolOption;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.port.PostgresControl.Progress;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** Takes a base backup of another member and puts it in the data directory's place. */
final class Cloner {
    private static final Logger LOG = Logger.getLogger(Cloner.class);
    private static final Duration LIMIT = Duration.ofDays(7);
    /** The checkpoint before the first byte may take minutes on a busy primary. */
    private static final Duration STALL = Duration.ofMinutes(15);

    private static final long SPARE_BYTES = 128L << 20;
    private static final String BUILT_IN = "basebackup";
    private static final Pattern PROGRESS = Pattern.compile("^\\s*([0-9]+)/([0-9]+) kB.*");
    static final List<String> LEFT_OUT = List.of(
            "standby.signal",
            "recovery.signal",
            "recovery.conf",
            "recovery.done",
            "postmaster.pid",
            "postmaster.opts",
            UnprovenClone.FILE);

    private final PostgresTools tools;
    private final SourceCheck check;
    private final ConfigFiles files;

    Cloner(PostgresTools tools, SourceCheck check, ConfigFiles files) {
        this.tools = tools;
        this.check = check;
        this.files = files;
    }

    /** Proves the source, then tries the configured methods in their order; the built-in one when none is configured. */
    void run(PostgresSettings settings, Upstream source, Optional<SystemIdentifier> expected, Progress progress)
            throws PostgresException, InterruptedException {
        progress.report("asking " + SourceCheck.name(source) + " what it is", 0, Optional.empty());
        SystemIdentifier system = check.prove(source, expected).system();
        List<String> methods = settings.config().createReplicaMethods();
        List<String> troubles = new ArrayList<>();
        for (String name : methods.isEmpty() ? List.of(BUILT_IN) : methods) {
            try {
                var script =
                        Optional.ofNullable(settings.config().replicaMethods().get(name));
                if (script.isPresent()) {
                    new ReplicaScript(tools, files).run(settings, script.get(), source, system, progress);
                } else {
                    copy(settings, source, system, progress);
                }
                return;
            } catch (PostgresException e) {
                LOG.warnf("%s: %s", name, e.getMessage());
                troubles.add(e.getMessage());
            }
        }
        throw new PostgresException(String.join("; ", troubles));
    }

    private void copy(PostgresSettings settings, Upstream source, SystemIdentifier system, Progress progress)
            throws PostgresException, InterruptedException {
        DataPlace place = DataPlace.of(settings.dataDir());
        String stamp = DataPlace.stamp(Instant.now());
        Path incoming = place.fresh("incoming", stamp);
        Map<Path, Path> elsewhere = elsewhere(settings, source, stamp);
        try {
            for (Path stale : place.all("incoming")) {
                LOG.infof("deleting %s: a copy that was never finished", stale);
                DataPlace.delete(stale);
            }
            for (Path made : elsewhere.values()) {
                DurableFiles.createDirectory(made);
            }
            baseBackup(settings, source, place, incoming, elsewhere, progress);
            progress.report("putting the copy in place", 0, Optional.empty());
            prove(incoming, system);
            prepare(settings, incoming);
            UnprovenClone.deleteAmong(
                    place.all("aside"), settings.local().name().value());
            Optional<Path> aside = place.takeIn(incoming, elsewhere, stamp);
            files.forget();
            files.writeForReplica(settings, source);
            LOG.infof(
                    "cloned %s from %s%s",
                    settings.dataDir(),
                    SourceCheck.name(source),
                    aside.map(path -> "; what was there before is in " + path).orElse(""));
        } catch (IOException e) {
            throw new PostgresException("the clone could not be put in place: " + e.getMessage(), e);
        } finally {
            discard(incoming, elsewhere);
        }
    }

    /** Directories outside of the data directory: made beside where they must be, so that nothing in use is touched. */
    private Map<Path, Path> elsewhere(PostgresSettings settings, Upstream source, String stamp) {
        Map<Path, Path> elsewhere = new LinkedHashMap<>();
        for (Path path : check.tablespaces(source)) {
            elsewhere.put(path, path.resolveSibling(path.getFileName() + ".incoming-" + stamp));
        }
        walDirectory(settings)
                .ifPresent(path -> elsewhere.put(path, path.resolveSibling(path.getFileName() + ".incoming-" + stamp)));
        return elsewhere;
    }

    private static Optional<Path> walDirectory(PostgresSettings settings) {
        return settings.config().basebackup().stream()
                .filter(option -> option.name().equals("waldir"))
                .flatMap(option -> option.value().stream())
                .map(Path::of)
                .reduce((first, last) -> last);
    }

    private void baseBackup(
            PostgresSettings settings,
            Upstream source,
            DataPlace place,
            Path incoming,
            Map<Path, Path> elsewhere,
            Progress progress)
            throws PostgresException, InterruptedException, IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--pgdata=" + incoming,
                "--dbname=" + ConnectionString.ofBaseBackup(settings, source),
                "--wal-method=stream",
                "--checkpoint=fast",
                "--label=matriarch clone of " + settings.local().name(),
                "--no-password",
                "--progress"));
        check.usableSlot(source).ifPresent(slot -> arguments.add("--slot=" + slot));
        Optional<Path> wal = walDirectory(settings);
        elsewhere.forEach((path, made) -> arguments.add(
                wal.filter(path::equals).isPresent()
                        ? "--waldir=" + made
                        : "--tablespace-mapping=" + path.toString().replace("=", "\\=") + "="
                                + made.toString().replace("=", "\\=")));
        settings.config().basebackup().stream()
                .filter(option -> !option.name().equals("waldir"))
                .map(ToolOption::argument)
                .forEach(arguments::add);
        long free = Files.getFileStore(place.volume()).getUsableSpace();
        AtomicReference<Optional<String>> tooLarge = new AtomicReference<>(Optional.empty());
        LOG.infof("cloning from %s into %s", SourceCheck.name(source), incoming);
        tools.run(tools.command("pg_basebackup", arguments, LIMIT)
                        .with(ServiceFile.environment(
                                settings, settings.config().authentication().replication()))
                        .stalledAfter(STALL)
                        .abortedWhen(tooLarge::get)
                        .onErrorLine(line -> {
                            var match = PROGRESS.matcher(line);
                            if (match.matches()) {
                                long done = Long.parseLong(match.group(1)) << 10;
                                long total = Long.parseLong(match.group(2)) << 10;
                                if (elsewhere.isEmpty() && total + SPARE_BYTES > free) {
                                    tooLarge.set(Optional.of("the copy needs " + mebibytes(total + SPARE_BYTES)
                                            + " beside what is there, but "
                                            + mebibytes(free) + " are free on the volume of " + place.data()
                                            + "; the data directory is as it was"));
                                }
                                progress.report(
                                        "copying from " + SourceCheck.name(source),
                                        done,
                                        Optional.of(Math.max(done, total)));
                            }
                        }))
                .orThrow();
    }

    private void prove(Path incoming, SystemIdentifier system) throws PostgresException, InterruptedException {
        SystemIdentifier copied = ControlData.read(tools, incoming).systemIdentifier();
        if (!copied.equals(system) || !Files.exists(incoming.resolve("backup_label"))) {
            throw new PostgresException("the copy is no base backup of the system " + system);
        }
    }

    /** Makes of the copy what may stand in the data directory: a replica, whatever its source was. */
    private void prepare(PostgresSettings settings, Path incoming) throws PostgresException, IOException {
        for (String file : LEFT_OUT) {
            Files.deleteIfExists(incoming.resolve(file));
        }
        DurableFiles.write(incoming.resolve("standby.signal"), "");
        UnprovenClone.mark(incoming, settings.local().name().value());
        ConfigFiles.cleanAutoConf(incoming);
        if (settings.config().configDir().equals(settings.dataDir())) {
            files.adoptBase(settings, incoming);
        }
        DurableFiles.syncDirectory(incoming);
    }

    private static void discard(Path incoming, Map<Path, Path> elsewhere) {
        try {
            DurableFiles.deleteTree(incoming);
            for (Path made : elsewhere.values()) {
                DurableFiles.deleteTree(made);
            }
        } catch (IOException e) {
            LOG.warnf("could not delete the unfinished copy %s: %s; the next clone tries again", incoming, e);
        }
    }

    static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
