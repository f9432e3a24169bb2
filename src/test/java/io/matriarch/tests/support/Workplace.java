package io.matriarch.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the tests find the product and put their data. */
public final class Workplace {
    /** Lines of {@code matriarch.backup}, for tests that start each job themselves: no slot of a schedule comes between. */
    public static final String NO_SCHEDULES = """
                schedule: off
                verify_schedule: off
                expire_schedule: off
                check_schedule: off
            """;

    private Workplace() {}

    /** The checkout: the nearest directory upwards that holds the launcher's folder. */
    public static Path checkout() {
        for (Optional<Path> at = Optional.of(Path.of("").toAbsolutePath());
                at.isPresent();
                at = at.map(Path::getParent)) {
            if (Files.isDirectory(at.get().resolve("deploy"))
                    && Files.isDirectory(at.get().resolve("ejb-ha"))) {
                return at.get();
            }
        }
        return Path.of("").toAbsolutePath();
    }

    /** The command that runs an agent; {@code -Dmatriarch.launcher} names another. */
    public static List<String> launcher() {
        return List.of(System.getProperty(
                "matriarch.launcher", checkout().resolve("deploy/matriarch").toString()));
    }

    /** The newest PostgreSQL's server programs. */
    public static Path postgresBin() {
        String configured = System.getProperty("matriarch.postgres.bin", "");
        if (!configured.isEmpty()) {
            return Path.of(configured);
        }
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(v -> v.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                    .max(Comparator.comparing(
                            bin -> Integer.valueOf(bin.getParent().getFileName().toString())))
                    .orElseThrow(() -> new IllegalStateException("no PostgreSQL below /usr/lib/postgresql"));
        } catch (IOException e) {
            throw new UncheckedIOException("no PostgreSQL below /usr/lib/postgresql", e);
        }
    }

    /** Whether the tests run as root and PostgreSQL therefore as another user. */
    public static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** A short path, as Unix sockets lie in it; open to the user that runs PostgreSQL. */
    public static Path newDirectory() {
        try {
            Path directory = Files.createTempDirectory(Path.of("/tmp"), "mtc");
            OnExit.add(() -> remove(directory));
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a directory", e);
        }
    }

    /** Creates directories that belong to the user that runs PostgreSQL. */
    public static void ownedByPostgres(Path... directories) {
        try {
            for (Path directory : directories) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
                giveToPostgres(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + List.of(directories), e);
        }
    }

    /** Makes the user that runs PostgreSQL the owner of a file or directory. */
    public static void giveToPostgres(Path path) throws IOException {
        if (root()) {
            Files.setOwner(
                    path,
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
        }
    }

    /** Removes a directory and all in it. */
    public static void remove(Path directory) {
        Command.tryRun(List.of("rm", "-rf", directory.toString()));
    }
}
