package io.matriarch.backup.restore;

import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.restore.Site.Forbidden;
import io.matriarch.backup.restore.Site.RestoreProgress;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.ha.api.BackupFacts.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The site that a manager's configuration describes. */
final class Sites {
    private Sites() {}

    static Site of(Settings settings, RestoreProgress progress) throws IOException {
        var data = settings.postgres().dataDir();
        return new Site(
                Repositories.open(settings),
                new Programs(name -> settings.program(name.toString()), List.of()),
                settings.work(),
                settings.superuser(),
                List.of(
                        new Forbidden(data, "the data directory of this member"),
                        new Forbidden(settings.repository(), "the repository"),
                        new Forbidden(settings.work(), "the manager's own work directory"),
                        new Forbidden(Path.of("/etc"), "the configuration of this machine")),
                progress);
    }
}
