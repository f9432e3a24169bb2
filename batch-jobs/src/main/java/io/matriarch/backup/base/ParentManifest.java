package io.matriarch.backup.base;

import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.BackupDescription.StoredFile;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The manifest of the backup that another one builds on, in a file that only this user reads and that is gone when the copy has ended. */
record ParentManifest(Path path) implements AutoCloseable {

    /**
     * Fetches it; blocks as long as the repository does.
     *
     * @throws IOException if it cannot be had, or is not what was stored
     */
    static ParentManifest of(Repository repository, BackupDescription parent) throws IOException {
        var name = Catalogue.FOLDER + parent.label() + "/" + BackupDescription.MANIFEST;
        var sha256 = parent.file(BackupDescription.MANIFEST)
                .map(StoredFile::sha256)
                .orElseThrow(() -> new IOException(name + " is not part of the backup"));
        var permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var manifest = new ParentManifest(Files.createTempFile("matriarch", ".manifest", permissions));
        try (var stored = repository.open(name).orElseThrow(() -> new IOException(name + " is missing"));
                var in = Checksums.reading(stored);
                var out = Files.newOutputStream(manifest.path())) {
            in.transferTo(out);
            if (!Checksums.sha256(in).equals(sha256)) {
                throw new IOException(name + " is not what was stored");
            }
            return manifest;
        } catch (IOException e) {
            manifest.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
