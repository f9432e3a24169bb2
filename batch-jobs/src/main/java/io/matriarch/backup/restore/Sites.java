package io.matriarch.backup.restore;

import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.restore.Site.Forbidden;
import io.matriarch.backup.restore.Site.RestoreProgress;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.ha.api.BackupFacts.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The site that a manager's configuration describes. */
final class Sites {
    private Sites() {}

    /**
     * Describes it.
     *
     * @param data the data directory of this machine's own PostgreSQL, if it has one
     */
    static Site of(Settings settings, Optional<Path> data, Halt halt, RestoreProgress progress) throws IOException {
        var forbidden = new ArrayList<Forbidden>();
        data.ifPresent(directory -> forbidden.add(new Forbidden(directory, "the data directory of this member")));
        forbidden.add(new Forbidden(settings.repository(), "the repository"));
        forbidden.add(new Forbidden(settings.work(), "the manager's own work directory"));
        forbidden.add(new Forbidden(Path.of("/etc"), "the configuration of this machine"));
        return new Site(
                Repositories.open(settings),
                new Programs(name -> settings.program(name.toString()), List.of(), halt),
                settings.work(),
                settings.superuser(),
                forbidden,
                progress);
    }
}
