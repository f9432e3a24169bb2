package io.matriarch.backup.repository;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A repository in a directory, which may be a mounted volume. An object is written beside its place, flushed, and then linked to its name:
 * a link neither replaces what is there nor shows half of it, on one host or on several that share the volume.
 */
public final class DirectoryRepository implements Repository {
    private static final String PARTIAL = ".partial-";
    private static final int BUFFER = 1 << 16;
    private static final FileAttribute<?> PRIVATE_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;

    /** @throws IOException if the directory does not exist: a mount that is missing must not be filled below */
    public DirectoryRepository(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException("the repository " + root + " is not a directory: is its volume mounted?");
        }
        this.root = root.toRealPath();
    }

    @Override
    public Entry create(String name, Content content) throws IOException {
        Path place = place(name);
        if (Files.exists(place)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        Path folder = parent(place);
        createFolders(folder);
        Path partial = folder.resolve(PARTIAL + UUID.randomUUID());
        try {
            write(partial, content);
            Files.createLink(place, partial);
        } finally {
            Files.deleteIfExists(partial);
        }
        sync(folder);
        return entry(place);
    }

    private static void write(Path file, Content content) throws IOException {
        var permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel = FileChannel.open(
                        file, java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), permissions);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    @Override
    public List<Entry> createAll(String folder, Filling filling) throws IOException {
        Path place = place(folder);
        if (Files.exists(place)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        createFolders(parent(place));
        Path partial = Files.createDirectory(parent(place).resolve(PARTIAL + UUID.randomUUID()), PRIVATE_FOLDER);
        try {
            filling.fill(partial);
            for (Path file : Staging.files(partial)) {
                sync(file);
            }
            sync(partial);
            filling.publishing();
            takePlace(partial, place);
        } finally {
            Staging.delete(partial);
        }
        sync(parent(place));
        return list(folder + "/");
    }

    /** The kernel does not replace a folder that somebody made meanwhile and that holds anything. */
    private static void takePlace(Path partial, Path place) throws IOException {
        try {
            Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (Files.exists(place)) {
                throw new FileAlreadyExistsException(place.toString(), partial.toString(), e.getReason());
            }
            throw e;
        }
    }

    /** Each new folder is made to last, up to the first that was there. */
    private void createFolders(Path folder) throws IOException {
        requireRoot();
        var missing = new ArrayList<Path>();
        for (Path at = folder; !at.equals(root) && !Files.isDirectory(at); at = parent(at)) {
            missing.add(at);
        }
        for (Path at : missing.reversed()) {
            Files.createDirectories(at);
            sync(parent(at));
        }
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        try {
            return Optional.of(Files.newInputStream(place(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<Entry> list(String prefix) throws IOException {
        var entries = new ArrayList<Entry>();
        var from = prefix.contains("/") ? root.resolve(prefix.substring(0, prefix.lastIndexOf('/'))) : root;
        if (!Files.isDirectory(from)) {
            requireRoot();
            return List.of();
        }
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return isPartial(folder) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && !isPartial(file) && name(file).startsWith(prefix)) {
                    entryIfThere(file).ifPresent(entries::add);
                }
                return FileVisitResult.CONTINUE;
            }

            /** Others write and delete meanwhile. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        entries.sort(Comparator.comparing(Entry::name));
        return List.copyOf(entries);
    }

    /** What is not there any more is not empty. */
    private void requireRoot() throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException("the repository " + root + " is not there any more: is its volume mounted?");
        }
    }

    /** Another manager may delete while we look. */
    private Optional<Entry> entryIfThere(Path file) throws IOException {
        try {
            return Optional.of(entry(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Path place = place(name);
        if (Files.deleteIfExists(place)) {
            sync(parent(place));
        }
    }

    @Override
    public Optional<Long> freeBytes() throws IOException {
        return Optional.of(Files.getFileStore(root).getUsableSpace());
    }

    @Override
    public int forgetPartials(Duration age, Instant now) throws IOException {
        int deleted = 0;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(DirectoryRepository::isPartial).toList()) {
                if (!Staging.newestIn(file).isAfter(now.minus(age))) {
                    Staging.delete(file);
                    Files.deleteIfExists(file);
                    deleted++;
                }
            }
        } catch (NoSuchFileException e) {
            // Its writer was faster.
        } catch (UncheckedIOException e) {
            throw new IOException("looking for half written files in " + root, e.getCause());
        }
        return deleted;
    }

    @Override
    public int forgetUnfinished(String parent) throws IOException {
        Path folder = place(parent + "x").resolveSibling(".").normalize();
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        int deleted = 0;
        try (Stream<Path> all = Files.list(folder)) {
            for (Path partial : all.filter(DirectoryRepository::isPartial)
                    .filter(f -> Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                Staging.delete(partial);
                deleted++;
            }
        }
        return deleted;
    }

    private Path place(String name) {
        return root.resolve(ObjectName.checked(name));
    }

    private String name(Path file) {
        return root.relativize(file).toString();
    }

    private Entry entry(Path file) throws IOException {
        return new Entry(
                name(file), Files.size(file), Files.getLastModifiedTime(file).toInstant());
    }

    private static boolean isPartial(Path file) {
        return String.valueOf(file.getFileName()).startsWith(PARTIAL);
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent");
        }
        return parent;
    }

    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
