package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Finds out what is in PGDATA. A few system calls when all is well. Not thread safe. */
final class DataDirectoryLook {
    private static final Logger LOG = Logger.getLogger(DataDirectoryLook.class);
    private static final int READS = 5;
    private static final Duration TOOL_BOUND = Duration.ofSeconds(5);
    /** A file that changed a moment ago may change again with the same time stamp. */
    private static final long STAMP_SETTLES_MS = 2_000;

    private final PgPaths paths;
    private final PostgresTools tools;
    private final MountTable mounts;
    private Optional<Stamped> byTool = Optional.empty();
    private String lastTrouble = "";

    DataDirectoryLook(PgPaths paths, PostgresTools tools, MountTable mounts) {
        this.paths = paths;
        this.tools = tools;
        this.mounts = mounts;
    }

    /** What was found; {@code control} is there exactly when {@code state} is {@code PRESENT}. */
    record Found(DataDirectory state, Optional<ControlFile> control) {
        static Found without(DataDirectory state) {
            return new Found(state, Optional.empty());
        }
    }

    private record Stamped(long modified, long size, Optional<Object> key, ControlFile control) {}

    Found look() {
        try {
            return find();
        } catch (IOException e) {
            return trouble("cannot be read: " + e);
        }
    }

    private Found find() throws IOException {
        ControlFile.Read read;
        try {
            read = readControl();
        } catch (NoSuchFileException e) {
            return withoutControl();
        }
        if (read.control().isPresent()) {
            return present(read.control().get());
        }
        return switch (read.trouble().orElseThrow()) {
            case SHORT -> Found.without(DataDirectory.INCOMPLETE);
            case CHECKSUM -> trouble("has a control file with a wrong checksum");
            case FOREIGN_LAYOUT ->
                askTool()
                        .map(this::present)
                        .orElseGet(() -> trouble("has a control file that pg_controldata does not understand"));
        };
    }

    private Found present(ControlFile control) {
        if (!Files.isDirectory(paths.wal())) {
            // A link whose target is not there is a volume that is not mounted.
            return Files.isSymbolicLink(paths.wal())
                    ? trouble("has no WAL directory behind its link")
                    : Found.without(DataDirectory.INCOMPLETE);
        }
        lastTrouble = "";
        return new Found(DataDirectory.PRESENT, Optional.of(control));
    }

    private ControlFile.Read readControl() throws IOException {
        var read = ControlFile.read(paths.control());
        for (int i = 1;
                i < READS
                        && read.trouble()
                                .filter(t -> t == ControlFile.Trouble.CHECKSUM)
                                .isPresent();
                i++) {
            // PostgreSQL writes it in place: it may have been half old, half new.
            Thread.onSpinWait();
            read = ControlFile.read(paths.control());
        }
        return read;
    }

    /** Nothing that PostgreSQL would start is here: empty, or something else? */
    private Found withoutControl() throws IOException {
        Path data = paths.dataDir();
        if (Files.isSymbolicLink(data) && !Files.exists(data)) {
            return trouble("is a link to something that is not there");
        }
        boolean exists = Files.exists(data, LinkOption.NOFOLLOW_LINKS);
        Path listed = exists ? data : nearestExisting(data);
        boolean empty;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(listed)) {
            empty = !entries.iterator().hasNext();
        }
        if (exists && !empty) {
            return Found.without(DataDirectory.INCOMPLETE);
        }
        return mounts.isMissingAt(data)
                ? trouble("is on a volume that is not mounted")
                : Found.without(DataDirectory.EMPTY);
    }

    private static Path nearestExisting(Path data) throws IOException {
        Path parent = data.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new NoSuchFileException(String.valueOf(parent), null, "no such directory");
        }
        return parent;
    }

    private Optional<ControlFile> askTool() throws IOException {
        var attributes = Files.readAttributes(paths.control(), BasicFileAttributes.class);
        long modified = attributes.lastModifiedTime().toMillis();
        var key = Optional.ofNullable(attributes.fileKey());
        boolean same = byTool.filter(s -> s.modified() == modified
                        && s.size() == attributes.size()
                        && s.key().equals(key))
                .isPresent();
        if (same && System.currentTimeMillis() - modified > STAMP_SETTLES_MS) {
            return byTool.map(Stamped::control);
        }
        try {
            var result =
                    tools.run("pg_controldata", List.of("-D", paths.dataDir().toString()), TOOL_BOUND);
            var control = result.isSuccess() ? ControlFile.parseText(result.output()) : Optional.<ControlFile>empty();
            byTool = control.map(c -> new Stamped(modified, attributes.size(), key, c));
            return control;
        } catch (PostgresException e) {
            LOG.debugf(e, "pg_controldata on %s", paths.dataDir());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Logs a change once, not each cycle. */
    private Found trouble(String what) {
        if (!what.equals(lastTrouble)) {
            LOG.warnf("the data directory %s %s", paths.dataDir(), what);
            lastTrouble = what;
        }
        return Found.without(DataDirectory.UNKNOWN);
    }
}
