package io.matriarch.backup.sandbox;

import io.matriarch.backup.base.Format;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Unpacks the files of a stored backup, each of them read to its end and compared with its checksum.
 *
 * @param watched sees each file as it is read
 * @param tarOptions for tar, besides the usual ones
 */
public record Unpacker(
        Repository repository, Programs programs, UnaryOperator<InputStream> watched, List<String> tarOptions) {
    private static final Pattern TABLESPACE = Pattern.compile("([0-9]+)\\.tar(\\..*)?");

    public Unpacker {
        tarOptions = List.copyOf(tarOptions);
    }

    /** Where the parts of a backup go; each makes the directory where it has to. */
    public interface Target {
        /** The data directory, which the manifest belongs to. */
        Path data() throws IOException;

        /** Of the tablespace with that oid, with the link to it in the data directory. */
        Path tablespace(String oid) throws IOException;

        /** For configuration files that lay outside of the data directory. */
        Path configuration() throws IOException;
    }

    /** Blocks until all is unpacked. @return what is wrong with the stored backup; empty if nothing is */
    public Optional<String> unpack(BackupDescription backup, Target target) throws IOException {
        var format = Format.of(backup.format())
                .orElseThrow(() -> new IOException(backup.label() + " has the unknown format " + backup.format()));
        for (StoredFile file : baseFirst(backup.files())) {
            var name = Catalogue.FOLDER + backup.label() + "/" + file.name();
            var stored = repository.open(name);
            if (stored.isEmpty()) {
                mustBeThere(backup);
                return Optional.of(name + " is missing in the repository");
            }
            var command = new ArrayList<>(format.unpack(file.name()));
            if (command.getFirst().equals("tar")) {
                command.addAll(tarOptions);
            }
            try (InputStream in = watched.apply(stored.get())) {
                var read = new Unpacking(programs, in).into(place(file.name(), target), command);
                if (!read.sha256().equals(file.sha256())) {
                    return Optional.of(name + " is not what was stored: its SHA-256 is " + read.sha256() + ", not "
                            + file.sha256());
                }
                if (read.fault().isPresent()) {
                    return Optional.of(
                            name + " cannot be unpacked: " + read.fault().get());
                }
            }
        }
        return Optional.empty();
    }

    /** One of its files may be missing; when all of them are, it is the repository that does not show them. */
    private void mustBeThere(BackupDescription backup) throws IOException {
        var description = repository.open(Catalogue.FOLDER + backup.label() + "/" + BackupDescription.FILE);
        if (description.isEmpty()) {
            throw new IOException("the repository does not show " + backup.label()
                    + " any more: is its volume mounted, or was it deleted meanwhile?");
        }
        description.get().close();
    }

    /** The links to the other tablespaces stand in the base. */
    private static List<StoredFile> baseFirst(List<StoredFile> files) {
        return files.stream()
                .sorted(Comparator.comparing(
                        (StoredFile f) -> TABLESPACE.matcher(f.name()).matches()))
                .toList();
    }

    private static Path place(String file, Target target) throws IOException {
        var tablespace = TABLESPACE.matcher(file);
        if (tablespace.matches()) {
            return target.tablespace(tablespace.group(1));
        }
        return file.contains(".tar") || file.equals(BackupDescription.MANIFEST)
                ? target.data()
                : target.configuration();
    }
}
