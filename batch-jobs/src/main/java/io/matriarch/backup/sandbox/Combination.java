package io.matriarch.backup.sandbox;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.repository.DamagedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Makes one data directory of an incremental backup and of all that it builds on: each is unpacked and proven by itself, then
 * {@code pg_combinebackup} copies, and leaves what it reads as it is.
 *
 * @param place a directory for what is needed until then; is made, and is gone afterwards
 */
public record Combination(Unpacker unpacker, Programs programs, Path place) {
    private static final Duration CHECK = Duration.ofHours(12);
    private static final Duration SHORT = Duration.ofMinutes(1);

    /** What the backups of a chain take while they are combined: all of them unpacked, and the result, which is not larger. */
    public static long roomFor(long serverBytes) {
        return 2 * serverBytes;
    }

    /**
     * What is wrong.
     *
     * @param label of the backup in which it is
     */
    public record Fault(String label, String why) {}

    /**
     * Blocks until the data directory is whole; it has a manifest of its own.
     *
     * @param chain the full one first, the wanted one last; at least two
     * @param data an empty directory
     * @param tablespaces where a tablespace of that oid shall be
     * @param configuration for configuration files that lay outside of the data directory
     * @throws IOException if something else than the backups keeps it from being done, as too little room
     */
    public Optional<Fault> into(
            List<BackupDescription> chain, Path data, UnaryOperator<Path> tablespaces, Path configuration)
            throws IOException {
        remove();
        try {
            return combined(chain, data, tablespaces, configuration);
        } finally {
            remove();
        }
    }

    private Optional<Fault> combined(
            List<BackupDescription> chain, Path data, UnaryOperator<Path> tablespaces, Path configuration)
            throws IOException {
        run("mkdir", "-m", "700", place.toString());
        long bytes = chain.stream().mapToLong(BackupDescription::serverBytes).sum();
        var newest = chain.getLast().label();
        Room.mustBe(
                place,
                roomFor(bytes),
                "combining " + newest + " with the " + (chain.size() - 1) + " that it builds on");
        var links = new ArrayList<Path>();
        for (var backup : chain) {
            boolean last = links.size() == chain.size() - 1;
            var link = new Link(links.size(), last ? configuration : place.resolve("configuration" + links.size()));
            links.add(link.data());
            var fault = link.make(backup);
            if (fault.isPresent()) {
                return Optional.of(new Fault(backup.label(), fault.get()));
            }
        }
        var command = new ArrayList<>(List.of("--output=" + data));
        for (Path moved : tablespacesOf(links.getLast())) {
            Path oid = Path.of(String.valueOf(moved.getFileName()));
            command.add("--tablespace-mapping=" + escaped(moved) + "=" + escaped(tablespaces.apply(oid)));
        }
        links.forEach(link -> command.add(link.toString()));
        var combined = programs.postgres("pg_combinebackup", command, place, CHECK);
        if (combined.lastWords().contains(Programs.NO_ROOM)) {
            throw new IOException("there is no room to combine " + newest + ": " + combined.lastWords());
        }
        if (!combined.well()) {
            return Optional.of(new Fault(newest, "pg_combinebackup says: " + combined.lastWords()));
        }
        return Optional.empty();
    }

    /** As the links of the data directory name them. */
    private static List<Path> tablespacesOf(Path data) throws IOException {
        Path links = data.resolve("pg_tblspc");
        var all = new ArrayList<Path>();
        try (Stream<Path> files = Files.list(links)) {
            for (Path link : files.filter(Files::isSymbolicLink).sorted().toList()) {
                all.add(Files.readSymbolicLink(link));
            }
        }
        return all;
    }

    private static String escaped(Path path) {
        return path.toString().replace("=", "\\=");
    }

    private void remove() throws IOException {
        programs.forTidying().must(List.of("rm", "-rf", place.toString()), Path.of("/"), CHECK);
    }

    private void run(String... command) throws IOException {
        programs.must(List.of(command), Path.of("/"), SHORT);
    }

    /** One of the chain, in directories of its own. */
    private final class Link implements Unpacker.Target {
        private final int number;
        private final Path configuration;

        Link(int number, Path configuration) {
            this.number = number;
            this.configuration = configuration;
        }

        @Override
        public Path data() {
            return place.resolve("backup" + number);
        }

        @Override
        public Path configuration() throws IOException {
            run("mkdir", "-p", "-m", "700", configuration.toString());
            return configuration;
        }

        @Override
        public Path tablespace(String oid) throws IOException {
            Path directory = place.resolve("tablespaces" + number).resolve(oid);
            run("mkdir", "-p", "-m", "700", directory.toString());
            run(
                    "ln",
                    "-s",
                    directory.toString(),
                    data().resolve("pg_tblspc").resolve(oid).toString());
            return directory;
        }

        Optional<String> make(BackupDescription backup) throws IOException {
            run("mkdir", "-m", "700", data().toString());
            try {
                var fault = unpacker.unpack(backup, this);
                if (fault.isPresent()) {
                    return fault;
                }
            } catch (DamagedException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
            // pg_combinebackup takes the blocks that it reads for good: what is wrong in one must be found before.
            var checked = programs.postgres(
                    "pg_verifybackup", List.of("--quiet", "--no-parse-wal", data().toString()), place, CHECK);
            return checked.well()
                    ? Optional.empty()
                    : Optional.of("pg_verifybackup says of " + backup.label() + ": " + checked.lastWords());
        }
    }
}
