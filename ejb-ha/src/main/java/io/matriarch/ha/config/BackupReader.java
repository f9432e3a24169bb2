package io.matriarch.ha.config;

import io.matriarch.ha.config.MatriarchConfig.Backup;
import io.matriarch.ha.model.BackupPolicy;
import java.util.Map;

/** Reads {@code matriarch.backup}. */
final class BackupReader {
    private BackupReader() {}

    static Backup backup(Section section, Machine machine, Map<String, String> environment) {
        try (Section backup = section.section("backup")) {
            var store = new StoreReader(backup, machine, environment);
            return new Backup(
                    store.directory(),
                    store.store(),
                    store.encryption(),
                    BackupPolicyReader.read(backup, BackupPolicy.DEFAULTS),
                    backup.flag("wal", true),
                    backup.whole("wal_timeout", 60, 1, 86_400),
                    AlarmReader.webhook(backup, store));
        }
    }
}
