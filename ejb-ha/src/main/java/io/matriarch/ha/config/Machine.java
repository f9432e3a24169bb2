package io.matriarch.ha.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the checks look at on this machine.
 *
 * @param root where absolute paths begin; {@code /} except in tests
 * @param searchPath the value of {@code PATH}
 * @param checks false: everything that is asked for is taken to be there, because it was looked at before
 */
record Machine(Path root, String searchPath, boolean checks) {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    static Machine real() {
        return new Machine(
                Path.of("/"), Optional.ofNullable(System.getenv("PATH")).orElse(""), true);
    }

    /** For values that were checked when the agent started. */
    static Machine assumed() {
        return new Machine(Path.of("/"), "", false);
    }

    private Path real(Path absolute) {
        return absolute.isAbsolute() ? root.resolve(Path.of("/").relativize(absolute)) : absolute;
    }

    boolean hasProgram(Path binDir, String name) {
        return !checks || Files.isExecutable(real(binDir.resolve(name)));
    }

    boolean exists(Path path) {
        return Files.exists(real(path));
    }

    boolean isReadable(Path path) {
        return !checks || Files.isReadable(real(path));
    }

    /** What a file of text holds; empty if it cannot be read. */
    Optional<String> content(Path path) {
        try {
            return Optional.of(Files.readString(real(path)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether only its owner can read the file. */
    boolean isPrivate(Path path) {
        try {
            return !checks || Files.getPosixFilePermissions(real(path)).stream().noneMatch(OTHERS::contains);
        } catch (IOException e) {
            return false;
        }
    }

    boolean isFileOfOtherKind(Path path) {
        return checks && Files.exists(real(path)) && !Files.isDirectory(real(path));
    }

    /**
     * Where PostgreSQL's programs are: of the version that made {@code dataDir}; else of the newest version that Debian's
     * packages installed; else on the search path.
     */
    Optional<Path> findBinDir(Path dataDir, String postgres) {
        Optional<Path> matching = majorVersion(dataDir)
                .map(version -> DEBIAN.resolve(version).resolve("bin"))
                .filter(bin -> hasProgram(bin, postgres));
        return matching.or(() -> newest(postgres)).or(() -> onSearchPath(postgres));
    }

    private Optional<String> majorVersion(Path dataDir) {
        try {
            return Files.readAllLines(real(dataDir.resolve("PG_VERSION"))).stream()
                    .map(String::strip)
                    .filter(line -> line.matches("[0-9.]{1,8}"))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<Path> newest(String postgres) {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> versions = Files.list(real(DEBIAN))) {
            versions.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("[0-9]{1,4}"))
                    .sorted(Comparator.<String>comparingInt(Integer::parseInt).reversed())
                    .map(name -> DEBIAN.resolve(name).resolve("bin"))
                    .filter(bin -> hasProgram(bin, postgres))
                    .forEach(found::add);
        } catch (IOException e) {
            return Optional.empty();
        }
        return found.stream().findFirst();
    }

    private Optional<Path> onSearchPath(String postgres) {
        return Stream.of(searchPath.split(":"))
                .filter(entry -> entry.startsWith("/"))
                .map(Path::of)
                .filter(bin -> hasProgram(bin, postgres))
                .findFirst();
    }
}
