package io.matriarch.backup.base;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repository;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Copies a cluster into a repository. The backup appears there with its description at once, when everything of it is durable and the
 * leader is still the one of the beginning; until then, and after any failure, nothing of it is there.
 */
public final class BaseBackup {
    /** Holds, in a backup that is one file, the configuration files that lay outside the data directory: it may have its own of their names. */
    public static final String CONFIGURATION = "configuration";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int ANSWER_SECONDS = 30;
    private static final int BUFFER = 1 << 17;
    /** Without experience of this cluster: no data compresses better than this. */
    private static final int LEAST_SHARE = 20;

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
     * @param rate what the server may send a second at most, in PostgreSQL's words, for example {@code 20M}
     * @param expected bytes that it will take, by the size of earlier ones
     */
    public record Order(
            String scope,
            Source source,
            Login superuser,
            Login replication,
            Format format,
            Optional<String> rate,
            Optional<Long> expected) {}

    /**
     * Takes one; blocks until it is done.
     *
     * @throws IOException if there is no new backup: says what failed, and where
     */
    public BackupDescription take(Order order, CopyProgress progress) throws IOException {
        var before = leadership.now().orElseThrow(() -> new IOException("nobody leads " + order.scope() + " now"));
        var facts = facts(order);
        var format = order.format().onServer(facts.majorVersion());
        checkTablespaces(order, facts, format);
        checkRoom(order, facts);
        Instant began = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        var copy = new Copy(order, facts, format, "basebackup_" + STAMP.format(began), began);
        var made = new ArrayList<BackupDescription>();
        repository.createAll(Catalogue.FOLDER + copy.label(), directory -> {
            var messages = new CopyMessages(progress);
            copy(copy, directory, messages);
            checkStillLeading(order, before);
            var description = describe(copy, directory, messages);
            mustGoOn();
            Files.writeString(directory.resolve(BackupDescription.FILE), description.toJson());
            made.add(description);
        });
        return made.getFirst();
    }

    /** Ends a copy that runs, from another thread: {@link #take} fails and leaves nothing. */
    public void stop() {
        stopped = true;
        running.ifPresent(ChildProcess::stop);
    }

    private record Copy(Order order, ServerFacts facts, Format format, String label, Instant began) {}

    private static ServerFacts facts(Order order) throws IOException {
        try {
            return ServerFacts.of(order.source(), order.superuser(), ANSWER_SECONDS);
        } catch (SQLException e) {
            throw new IOException(
                    "cannot ask " + order.source().member() + " ("
                            + order.source().host() + ":" + order.source().port() + ") what it is: " + e.getMessage(),
                    e);
        }
    }

    private static void checkTablespaces(Order order, ServerFacts facts, Format format) throws IOException {
        if (format == Format.TAR_GZ && facts.tablespaces() > 0) {
            throw new IOException(order.scope() + " has " + facts.tablespaces()
                    + " tablespaces, which one tar.gz cannot hold; choose another format of " + Format.words());
        }
    }

    /** A full repository is better known before a copy than at its end. */
    private void checkRoom(Order order, ServerFacts facts) throws IOException {
        long needed = order.expected().map(bytes -> bytes + bytes / 10).orElse(facts.bytes() / LEAST_SHARE);
        var free = repository.freeBytes();
        if (free.filter(f -> f < needed).isPresent()) {
            throw new IOException("the repository has " + free.get() + " bytes free, a backup of " + order.scope()
                    + " needs about " + needed + ": make room, or keep fewer backups");
        }
    }

    private void copy(Copy copy, Path directory, CopyMessages messages) throws IOException {
        var order = copy.order();
        boolean classic = copy.format() == Format.TAR_GZ;
        var command = new ArrayList<String>();
        command.add(pgBasebackup.toString());
        command.addAll(order.source().options(order.replication()));
        command.addAll(List.of("--checkpoint=fast", "--label=" + copy.label(), "--verbose", "--progress"));
        command.addAll(List.of("--format=tar", classic ? "--pgdata=-" : "--pgdata=" + directory));
        // Streaming would take a second process, which outlives the first when that is killed, and holds WAL back for
        // ever.
        command.add("--wal-method=fetch");
        copy.format().compression(copy.facts().majorVersion()).ifPresent(command::add);
        order.rate().ifPresent(rate -> command.add("--max-rate=" + rate));
        var walHold = WalHold.on(order.source(), order.superuser(), ANSWER_SECONDS);
        try (var passwords = PasswordFile.of(order.replication().password())) {
            var environment = Map.of("PGPASSFILE", passwords.path().toString(), "PGAPPNAME", "matriarch base-backup");
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
            walHold.close();
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
                files);
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
