package io.matriarch.backup.repository;

import io.matriarch.ha.api.BackupFacts.Settings;
import java.io.IOException;
import java.nio.file.Files;

/** Opens the repository that this machine's configuration names. */
public final class Repositories {
    private Repositories() {}

    /**
     * Opens it. The one in the state directory is made when it is first needed; one that was configured has to be there, since a mount
     * that is missing must not be filled below.
     *
     * @throws IOException if it is not there or cannot be made
     */
    public static Repository open(Settings settings) throws IOException {
        if (settings.ownRepository()) {
            Files.createDirectories(settings.repository());
        }
        return new DirectoryRepository(settings.repository());
    }
}
