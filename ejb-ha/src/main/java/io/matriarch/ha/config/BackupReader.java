package io.matriarch.ha.config;

import io.matriarch.ha.config.MatriarchConfig.Backup;
import io.matriarch.ha.model.BackupPolicy;

/** Reads {@code matriarch.backup}. */
final class BackupReader {
    private BackupReader() {}

    static Backup backup(Section section) {
        try (Section backup = section.section("backup")) {
            return new Backup(
                    backup.absolutePath("repository"), BackupPolicyReader.read(backup, BackupPolicy.DEFAULTS));
        }
    }
}
