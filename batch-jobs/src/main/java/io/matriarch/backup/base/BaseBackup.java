package io.matriarch.backup.base;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.pace.Throttle;
import io.matriarch.backup.repository.Repository;
import io.matriarch.ha.model.BackupPolicy;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Copies a cluster into a repository. The backup appears there with its description at once, when everything of it is durable and the
 * leader is still the one of the beginning; until then, and after any failure, nothing of it is there.
 */
public final class BaseBackup {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** Holds, in a backup that is one file, the configuration files that lay outside the data directory: it may have its own of their names. */
    public static final String CONFIGURATION = "configuration";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int ANSWER_SECONDS = 30;
    private static final int BUFFER = 1 << 17;
    /** Without experience of this cluster: no data compresses better than this. */
    private static final int LEAST_SHARE = 20;
    /** libzstd's own words, in which no server translates them, for a parameter that it was not built for. */
    private static final String NO_THREADS = "Unsupported parameter";

    private final Repository repository;
    private final Path pgBasebackup;
    private final Leadership leadership;
    private final Clock clock;
    private volatile Optional<ChildProcess> running = Optional.empty();
    private volatile boolean stopped;

    /** @param pgBasebackup the program, of the server's major version or a later one */
    public BaseBackup(Repository repository, Path pgBasebackup, Leadership leadership, Clock clock) {
        this.repository = repository;
        this.pgBasebackup = pgBasebackup;
        this.leadership = leadership;
        this.clock = clock;
    }

    /**
     * What to copy, and how.
     *
     * @param superuser who is asked what the server is, and holds its WAL
     * @param replication as whom the copy is taken
     * @param workers threads of the server that compress, where the format can have some
     * @param rate what the server may send a second at most, in PostgreSQL's words, for example {@code 20M}
     * @param throttle slows the copy while it makes the primary answer late
     * @param expected bytes that a full one will take, by the size of earlier ones
     * @param incremental that an incremental one is wanted; empty for a full one
     */
    public record Order(
            String scope,
            Source source,
            Login superuser,
            Login replication,
            Format format,
            int workers,
            Optional<String> rate,
            Optional<Throttle> throttle,
            Optional<Long> expected,
            Optional<Increment> incremental) {

        /** Of a full backup. */
        public Order(
                String scope,
                Source source,
                Login superuser,
                Login replication,
                Format format,
                int workers,
                Optional<String> rate,
                Optional<Throttle> throttle,
                Optional<Long> expected) {
            this(scope, source, superuser, replication, format, workers, rate, throttle, expected, Optional.empty());
        }
    }

    /**
     * An incremental backup: what changed since an earlier one. Needs PostgreSQL 17 that summarizes its WAL.
     *
     * @param must whether nothing else will do; otherwise a full one takes its place where there is a reason, or when it is time for one
     * @param limits of the chains
     * @param known all backups of the repository, by time
     */
    public record Increment(boolean must, BackupPolicy.Incremental limits, List<Catalogue.Entry> known) {
        public Increment {
            known = List.copyOf(known);
        }
    }

    /**
     * Takes one; blocks until it is done.
     *
     * @throws IOException if there is no new backup: says what failed, and where
     */
    public BackupDescription take(Order order, CopyProgress progress) throws IOException {
        try {
            return take(order, (facts, format) -> parent(order, facts, format), progress);
        } catch (IncrementRefusedException e) {
            var full = new ParentChoice(Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
            return take(order, (facts, format) -> full, progress);
        }
    }

    private ParentChoice parent(Order order, ServerFacts facts, Format format) {
        return order.incremental()
                .map(wanted -> ParentChoice.of(wanted, facts, format, clock.instant()))
                .orElse(ParentChoice.full());
    }

    private BackupDescription take(
            Order order, BiFunction<ServerFacts, Format, ParentChoice> choosing, CopyProgress progress)
            throws IOException {
        var before = leadership.now().orElseThrow(() -> new IOException("nobody leads " + order.scope() + " now"));
        try (var session = session(order)) {
            var copy = prepare(order, session, choosing);
            var made = new ArrayList<BackupDescription>();
            repository.createAll(Catalogue.FOLDER + copy.label(), directory -> {
                var messages = new CopyMessages(progress);
                try (var walHold = WalHold.in(session, order.source().member())) {
                    copy(copy, directory, messages);
                }
                checkStillLeading(order, before);
                var description = describe(copy, directory, messages);
                mustGoOn();
                Files.writeString(directory.resolve(BackupDescription.FILE), description.toJson());
                made.add(description);
            });
            return made.getFirst();
        } catch (SQLException e) {
            throw new IOException(
                    "cannot ask " + order.source().member() + " ("
                            + order.source().host() + ":" + order.source().port() + ") what it is: " + e.getMessage(),
                    e);
        }
    }

    /** Ends a copy that runs, from another thread: {@link #take} fails and leaves nothing. */
    public void stop() {
        stopped = true;
        running.ifPresent(ChildProcess::stop);
    }

    private record Copy(
            Order order, ServerFacts facts, Format format, ParentChoice choice, String label, Instant began) {}

    /** The server did not begin an incremental copy; a full one is possible still. */
    private static final class IncrementRefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        IncrementRefusedException(String message, IOException cause) {
            super(message, cause);
        }
    }

    private static Connection session(Order order) throws SQLException {
        return order.source().connect(order.superuser(), ANSWER_SECONDS);
    }

    private Copy prepare(Order order, Connection session, BiFunction<ServerFacts, Format, ParentChoice> choosing)
            throws SQLException, IOException {
        var facts = ServerFacts.of(session);
        var format = order.format().onServer(facts.majorVersion());
        checkTablespaces(order, facts, format);
        var choice = choosing.apply(facts, format);
        if (choice.why().isPresent()
                && order.incremental().filter(Increment::must).isPresent()) {
            throw new IOException(
                    "no incremental backup can be taken: " + choice.why().get());
        }
        checkRoom(order, facts, choice.parent().isPresent());
        Instant began = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return new Copy(order, facts, format, choice, "basebackup_" + STAMP.format(began), began);
    }

    private static void checkTablespaces(Order order, ServerFacts facts, Format format) throws IOException {
        if (format == Format.TAR_GZ && facts.tablespaces() > 0) {
            throw new IOException(order.scope() + " has " + facts.tablespaces()
                    + " tablespaces, which one tar.gz cannot hold; choose another format of " + Format.words());
        }
    }

    /** A full repository is better known before a copy than at its end. */
    private void checkRoom(Order order, ServerFacts facts, boolean incremental) throws IOException {
        long needed = order.expected()
                .filter(full -> !incremental)
                .map(bytes -> bytes + bytes / 10)
                .orElse(facts.bytes() / LEAST_SHARE);
        var free = repository.freeBytes();
        if (free.filter(f -> f < needed).isPresent()) {
            throw new IOException("the repository has " + free.get() + " bytes free, a backup of " + order.scope()
                    + " needs about " + needed + ": make room, or keep fewer backups");
        }
    }

    private void copy(Copy copy, Path directory, CopyMessages messages) throws IOException {
        if (copy.choice().parent().isEmpty()) {
            copy(copy, Optional.empty(), directory, messages);
            return;
        }
        var parent = copy.choice().parent().get();
        try (var manifest = ParentManifest.of(repository, parent)) {
            copy(copy, Optional.of(manifest), directory, messages);
        } catch (IOException e) {
            if (stopped || messages.start().isPresent()) {
                throw e;
            }
            throw new IncrementRefusedException("nothing can build on " + parent.label() + ": " + e.getMessage(), e);
        }
    }

    private void copy(Copy copy, Optional<ParentManifest> parent, Path directory, CopyMessages messages)
            throws IOException {
        int workers = copy.order().workers();
        try {
            copy(copy, workers, parent, directory, messages);
        } catch (IOException e) {
            boolean hasNoThreads = workers > 0
                    && messages.start().isEmpty()
                    && String.valueOf(e.getMessage()).contains(NO_THREADS);
            if (!hasNoThreads) {
                throw e;
            }
            LOG.warnf(
                    "[backup-workers] the Zstandard library of %s has no threads: copying without. Set"
                            + " matriarch.backup.workers to 0",
                    copy.order().source().member());
            copy(copy, 0, parent, directory, messages);
        }
    }

    private void copy(Copy copy, int workers, Optional<ParentManifest> parent, Path directory, CopyMessages messages)
            throws IOException {
        var order = copy.order();
        boolean classic = copy.format() == Format.TAR_GZ;
        var command = new ArrayList<String>();
        command.add(pgBasebackup.toString());
        // All that is dirty at once would hold up more commits than the copy.
        command.add("--checkpoint=" + (order.throttle().isPresent() ? "spread" : "fast"));
        // The repository makes all of it last before it shows any of it.
        command.addAll(List.of("--label=" + copy.label(), "--verbose", "--progress", "--no-sync"));
        command.addAll(List.of("--format=tar", classic ? "--pgdata=-" : "--pgdata=" + directory));
        // Streaming would take a second process, which outlives the first when that is killed, and holds WAL back for
        // ever.
        command.add("--wal-method=fetch");
        copy.format().compression(copy.facts().majorVersion(), workers).ifPresent(command::add);
        order.rate().ifPresent(rate -> command.add("--max-rate=" + rate));
        parent.ifPresent(manifest -> command.add("--incremental=" + manifest.path()));
        try (var passwords = PasswordFile.of(order.replication().password());
                var route = Route.to(order.source(), order.throttle())) {
            command.addAll(route.options(order.replication()));
            var environment = new HashMap<>(route.environment());
            environment.put("PGPASSFILE", passwords.path().toString());
            environment.put("PGAPPNAME", "matriarch base-backup");
            var child = new ChildProcess(command, environment, messages::accept);
            running = Optional.of(child);
            mustGoOn();
            child.run(directory, in -> {
                if (classic) {
                    Path file = directory.resolve(copy.label() + ".tar.gz");
                    try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
                        TarPrefix.writeGzip(copy.facts().elsewhere(), copy.began(), out);
                        in.transferTo(out);
                    }
                } else {
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                }
            });
        } finally {
            running = Optional.empty();
        }
        if (!classic) {
            for (var file : copy.facts().elsewhere().entrySet()) {
                Files.write(directory.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /** What a promotion overtook may lack what the new leader acknowledged since, and belongs to a timeline that ends. */
    private void checkStillLeading(Order order, Leadership.Reign before) throws IOException {
        var after = leadership.now();
        if (!after.equals(Optional.of(before))) {
            throw new IOException("the leader of " + order.scope() + " changed while it was copied: "
                    + before.leader() + " led, now "
                    + after.map(r -> r.leader().equals(before.leader()) ? "it leads anew" : r.leader() + " does")
                            .orElse("nobody does")
                    + "; the copy is discarded");
        }
    }

    private BackupDescription describe(Copy copy, Path directory, CopyMessages messages) throws IOException {
        var files = new ArrayList<StoredFile>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.sorted().toList()) {
                files.add(new StoredFile(String.valueOf(file.getFileName()), Files.size(file), checksum(file)));
            }
        }
        var source = copy.order().source().member();
        return new BackupDescription(
                copy.label(),
                copy.order().scope(),
                copy.facts().system(),
                said(messages.timeline(), "timeline"),
                said(messages.start(), "start"),
                said(messages.end(), "end"),
                copy.began(),
                clock.instant(),
                copy.facts().version(),
                copy.format().word(),
                source,
                messages.bytes(),
                files,
                copy.choice().parent().map(BackupDescription::label),
                copy.choice().why());
    }

    private String checksum(Path file) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (var in = Checksums.reading(Files.newInputStream(file))) {
            while (in.read(buffer) >= 0) {
                mustGoOn();
            }
            return Checksums.sha256(in);
        }
    }

    private void mustGoOn() throws IOException {
        if (stopped) {
            throw new IOException("the backup was stopped: the copy is discarded");
        }
    }

    private static <T> T said(Optional<T> value, String what) throws IOException {
        return value.orElseThrow(() -> new IOException(
                "pg_basebackup ended well but did not say the " + what + " of the backup: it is discarded"));
    }
}
