package io.matriarch.ha.config;

import io.matriarch.ha.config.MatriarchConfig.Backup;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code matriarch.backup}. */
final class BackupReader {

    private static final List<String> FORMATS = List.of("zstd", "lz4", "gzip", "none", "tar.gz");
    private static final String CRON_FIELD = "(\\*|[0-9]+(-[0-9]+)?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/[0-9]+)?";
    private static final String CRON_LIST = CRON_FIELD + "(," + CRON_FIELD + ")*";

    private BackupReader() {}

    static Backup backup(Section section, Machine machine, Map<String, String> environment) {
        try (Section backup = section.section("backup")) {
            var store = new StoreReader(backup, machine, environment);
            return new Backup(
                    store.directory(),
                    store.store(),
                    store.encryption(),
                    backup.parsed("schedule", BackupReader::cron, "five cron fields, for example \"*/30 * * * *\"")
                            .orElse("*/30 * * * *"),
                    backup.parsed("zone", BackupReader::zone, "a time zone, for example UTC or Europe/Madrid")
                            .orElse(ZoneId.of("UTC")),
                    backup.whole("keep", 3, 1, 100_000),
                    backup.parsed("format", BackupReader::format, String.join(", ", FORMATS))
                            .orElse("zstd"),
                    backup.flag("verify", true));
        }
    }

    private static Optional<String> format(String text) {
        return FORMATS.contains(text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<String> cron(String text) {
        String[] fields = text.split("\\s+");
        boolean right = fields.length == 5
                && List.of(fields).stream().allMatch(field -> field.length() < 100 && field.matches(CRON_LIST));
        return right ? Optional.of(text) : Optional.empty();
    }

    private static Optional<ZoneId> zone(String text) {
        try {
            return Optional.of(ZoneId.of(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
