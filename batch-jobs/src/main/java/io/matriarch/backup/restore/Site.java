package io.matriarch.backup.restore;

import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.sandbox.Instance;
import io.matriarch.backup.sandbox.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where a restore takes place, and with what.
 *
 * @param machine for people, where it is another one than the manager's: its name and address
 * @param superuser of the restored databases
 * @param forbidden directories of this machine that no restore may touch, with what they are
 */
record Site(
        Optional<String> machine,
        Repository repository,
        Programs programs,
        Path work,
        String superuser,
        List<Forbidden> forbidden,
        RestoreProgress progress) {
    private static final Duration SHORT = Duration.ofMinutes(1);

    /** A directory, and what is in it. */
    record Forbidden(Path directory, String what) {

        /** Whether {@code path} lies in it or holds it, by its name or through links. */
        boolean touches(Path path) throws IOException {
            return touches(directory, path) || touches(real(directory), real(path));
        }

        private static boolean touches(Path one, Path other) {
            return one.startsWith(other) || other.startsWith(one);
        }

        /** Without links, as far as it is there. */
        private static Path real(Path path) throws IOException {
            for (Optional<Path> at = Optional.of(path); at.isPresent(); at = at.map(Path::getParent)) {
                if (Files.exists(at.get())) {
                    return at.get().toRealPath().resolve(at.get().relativize(path));
                }
            }
            return path;
        }
    }

    /** Where progress goes. */
    interface RestoreProgress {
        /** Something without a measure is being done. */
        void says(String doing);

        /** Bytes that are done. */
        void at(String doing, long bytes, long total);

        /** @throws IOException if the job is to stop */
        void mayGoOn() throws IOException;
    }

    Survey survey() {
        return new Survey(repository, programs, work);
    }

    Instance instance(Places places) {
        return new Instance(places.data(), places.home(), places.home(), programs);
    }

    /** Runs a short program as the user that owns PostgreSQL. */
    void run(String... command) throws IOException {
        programs.must(List.of(command), Path.of("/"), SHORT);
    }

    /** Removes a directory that this restore made, whatever its size. */
    void remove(Path path) throws IOException {
        programs.must(List.of("rm", "-rf", path.toString()), Path.of("/"), Duration.ofHours(6));
    }
}
