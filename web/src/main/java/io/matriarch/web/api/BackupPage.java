package io.matriarch.web.api;

import io.matriarch.backup.BackupSummary;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A part of the list of backups.
 *
 * @param backups newest first
 * @param next the address of the next page, if there is one
 */
record BackupPage(List<BackupSummary> backups, Optional<String> next) {
    /** Of a page, where nobody asked for another number. */
    static final int USUAL = 100;

    /** That a page can have. */
    static final int MOST = 1_000;

    /**
     * A page.
     *
     * @param before only backups of a smaller label, that is older ones: pages stay whole while backups come and go
     */
    static BackupPage of(List<BackupSummary> all, int limit, Optional<String> before) {
        var found = all.stream()
                .filter(b ->
                        before.filter(label -> b.label().compareTo(label) >= 0).isEmpty())
                .sorted(Comparator.comparing(BackupSummary::label).reversed())
                .limit(limit + 1L)
                .toList();
        if (found.size() <= limit) {
            return new BackupPage(found, Optional.empty());
        }
        var page = found.subList(0, limit);
        var last = URLEncoder.encode(page.getLast().label(), StandardCharsets.UTF_8);
        return new BackupPage(page, Optional.of("/matriarch/v1/backups?limit=" + limit + "&before=" + last));
    }
}
