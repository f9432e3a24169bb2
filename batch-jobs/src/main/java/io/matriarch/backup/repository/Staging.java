package io.matriarch.backup.repository;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Directories that are filled here before anything of them is stored elsewhere. */
final class Staging {
    private static final String PREFIX = "staging-";

    private Staging() {}

    /** A new one, which nobody else may read. */
    static Path create(Path work) throws IOException {
        Files.createDirectories(work);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        return Files.createDirectory(work.resolve(PREFIX + UUID.randomUUID()), mode);
    }

    /** All files of a directory by name; anything else in it is an error. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            var all = files.sorted().toList();
            for (Path file : all) {
                if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    throw new IOException(file + " is not a plain file");
                }
            }
            return all;
        }
    }

    /** Deletes a directory with all in it; one that is not there is as wanted. */
    static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** The youngest change in it: a directory that is being filled is as young as the youngest file in it. */
    static Instant newestIn(Path folder) throws IOException {
        var newest = Instant.MIN;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                var changed = Files.getLastModifiedTime(file).toInstant();
                newest = changed.isAfter(newest) ? changed : newest;
            }
        }
        return newest;
    }

    /** Deletes those in which nothing changed for {@code age}; says how many. */
    static int forget(Path work, Duration age, Instant now) throws IOException {
        if (!Files.isDirectory(work)) {
            return 0;
        }
        int deleted = 0;
        try (Stream<Path> all = Files.list(work)) {
            for (Path folder : all.filter(f -> String.valueOf(f.getFileName()).startsWith(PREFIX))
                    .toList()) {
                if (!newestIn(folder).isAfter(now.minus(age))) {
                    delete(folder);
                    deleted++;
                }
            }
        } catch (NoSuchFileException e) {
            // Its writer was faster.
        } catch (UncheckedIOException e) {
            throw new IOException("looking for half filled directories in " + work, e.getCause());
        }
        return deleted;
    }
}
