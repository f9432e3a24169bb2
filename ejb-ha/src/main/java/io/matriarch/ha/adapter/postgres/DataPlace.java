package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Where the data directory is, and how another takes its place. A new directory is made complete elsewhere on the same file system; then
 * the old one is renamed and the new one put in its place. So an incomplete copy never stands where PostgreSQL would start it, and the old
 * data are there until the last moment.
 *
 * <p>Usually the two others stand beside it as {@code <data>.incoming-<UTC>} and {@code <data>.aside-<UTC>}. When the data directory is a
 * mount point, or its parent cannot be written, they are inside it as {@code pgsql_tmp.incoming-<UTC>} and {@code pgsql_tmp.aside-<UTC>}:
 * base backups leave out names that begin so. (pg_rewind does not know such a directory and removes it.)
 */
final class DataPlace {
    private static final Logger LOG = Logger.getLogger(DataPlace.class);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String STAMP_PATTERN = "[0-9]{8}T[0-9]{6}Z(-[0-9]+)?";
    private static final String INSIDE = "pgsql_tmp";
    private static final Set<String> NOT_OURS = Set.of("lost+found");

    private final Path data;
    private final boolean inside;

    private DataPlace(Path data, boolean inside) {
        this.data = data;
        this.inside = inside;
    }

    /** Of the configured directory, its links followed. */
    static DataPlace of(Path configured) throws PostgresException {
        try {
            Path data = Files.exists(configured) ? configured.toRealPath() : configured.toAbsolutePath();
            Path parent = DurableFiles.parent(data);
            boolean mounted = Files.exists(data) && !device(data).equals(device(parent));
            return new DataPlace(data, Files.exists(data) && (mounted || !Files.isWritable(parent)));
        } catch (IOException e) {
            throw new PostgresException("could not look at " + configured, e);
        }
    }

    /** As for a mount point. */
    static DataPlace inside(Path data) {
        return new DataPlace(data, true);
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev");
    }

    static String stamp(Instant now) {
        return STAMP.format(now);
    }

    /** A path of that kind that does not exist yet. */
    Path fresh(String kind, String stamp) {
        Path path = named(kind, stamp);
        for (int i = 1; Files.exists(path, LinkOption.NOFOLLOW_LINKS); i++) {
            path = named(kind, stamp + "-" + i);
        }
        return path;
    }

    private Path named(String kind, String stamp) {
        return inside
                ? data.resolve(INSIDE + "." + kind + "-" + stamp)
                : data.resolveSibling(data.getFileName() + "." + kind + "-" + stamp);
    }

    /** All of that kind, oldest first. */
    List<Path> all(String kind) throws IOException {
        Path where = inside ? data : DurableFiles.parent(data);
        String prefix = inside ? INSIDE : data.getFileName().toString();
        Pattern name = Pattern.compile(Pattern.quote(prefix + "." + kind + "-") + STAMP_PATTERN);
        if (!Files.isDirectory(where)) {
            return List.of();
        }
        try (var entries = Files.list(where)) {
            return entries.filter(
                            path -> name.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparing(path -> path.getFileName().toString()))
                    .toList();
        }
    }

    /** Whether the data directory holds anything besides what stands there aside. */
    boolean isOccupied() throws IOException {
        return Files.isDirectory(data) && !entries(data).isEmpty();
    }

    /** Where there must be room: the data directory's file system. */
    Path volume() {
        Path there = data;
        while (!Files.exists(there)) {
            there = DurableFiles.parent(there);
        }
        return there;
    }

    Path data() {
        return data;
    }

    /**
     * Puts a complete directory in the data directory's place.
     *
     * @param elsewhere directories outside of it that belong to it (tablespaces, the WAL): where they were made, by where they must be
     * @return where the old one is now; empty when there was none
     */
    Optional<Path> takeIn(Path incoming, Map<Path, Path> elsewhere, String stamp) throws IOException {
        Optional<Path> aside = moveAside("aside", stamp);
        for (var moved : elsewhere.entrySet()) {
            Path target = moved.getKey();
            if (Files.exists(target)) {
                Path old = target.resolveSibling(target.getFileName() + ".aside-" + stamp);
                DurableFiles.move(target, old);
                if (aside.isPresent()) {
                    relink(aside.get(), target, old);
                }
            }
            DurableFiles.move(moved.getValue(), target);
            relink(incoming, moved.getValue(), target);
        }
        if (!inside) {
            DurableFiles.move(incoming, data);
            return aside;
        }
        for (Path entry : entries(incoming)) {
            Files.move(entry, data.resolve(entry.getFileName()));
        }
        DurableFiles.syncDirectory(data);
        Files.delete(incoming);
        return aside;
    }

    /** Moves what is in the data directory away. */
    Optional<Path> moveAside(String kind, String stamp) throws IOException {
        if (!isOccupied()) {
            if (!inside) {
                Files.deleteIfExists(data);
            }
            return Optional.empty();
        }
        Path aside = fresh(kind, stamp);
        if (inside) {
            DurableFiles.createDirectory(aside);
            List<Path> entries = new ArrayList<>(entries(data));
            // The control file goes first: without it nothing here can be taken for a database cluster.
            Collections.reverse(entries);
            for (Path entry : entries) {
                Files.move(entry, aside.resolve(entry.getFileName()));
                DurableFiles.syncDirectory(data);
            }
            DurableFiles.syncDirectory(aside);
        } else {
            DurableFiles.move(data, aside);
        }
        LOG.infof("moved %s aside to %s", data, aside);
        return Optional.of(aside);
    }

    /** What belongs to a database cluster in {@code directory}; {@code global}, with the control file, comes last. */
    private List<Path> entries(Path directory) throws IOException {
        try (var list = Files.list(directory)) {
            return list.filter(path -> !path.getFileName().toString().startsWith(INSIDE + "."))
                    .filter(path -> !NOT_OURS.contains(path.getFileName().toString()))
                    .sorted(Comparator.comparing(
                            path -> path.getFileName().toString().equals("global")))
                    .toList();
        }
    }

    /** Points the links of a data directory to where their targets are now. */
    private static void relink(Path directory, Path from, Path to) throws IOException {
        List<Path> links = new ArrayList<>(List.of(directory.resolve("pg_wal")));
        Path tablespaces = directory.resolve("pg_tblspc");
        if (Files.isDirectory(tablespaces)) {
            try (var list = Files.list(tablespaces)) {
                links.addAll(list.toList());
            }
        }
        for (Path link : links) {
            if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(from)) {
                Files.delete(link);
                Files.createSymbolicLink(link, to);
                DurableFiles.syncDirectory(DurableFiles.parent(link));
            }
        }
    }

    /** Deletes a directory that was set aside, with the tablespaces and the WAL that were set aside with it. */
    static void delete(Path aside) throws IOException {
        List<Path> links = new ArrayList<>(List.of(aside.resolve("pg_wal")));
        Path tablespaces = aside.resolve("pg_tblspc");
        if (Files.isDirectory(tablespaces)) {
            try (var list = Files.list(tablespaces)) {
                links.addAll(list.toList());
            }
        }
        Pattern ours = Pattern.compile(".*\\.(aside|incoming)-" + STAMP_PATTERN);
        for (Path link : links) {
            if (Files.isSymbolicLink(link)) {
                Path target = Files.readSymbolicLink(link);
                if (ours.matcher(target.toString()).matches()) {
                    DurableFiles.deleteTree(target);
                }
            }
        }
        DurableFiles.deleteTree(aside);
    }
}
