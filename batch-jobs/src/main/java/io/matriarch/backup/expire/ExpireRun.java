package io.matriarch.backup.expire;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Expiry;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.retention.RetentionPolicy;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * One run of retention over a repository: marks, takes marks back, deletes. What it does was decided by {@link Expiry}; no backup goes
 * before it is written down that it will, each deletion is decided anew right before it, and WAL goes last, by what is left then.
 */
final class ExpireRun {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    /** What was not written to for so long has no writer any more. */
    private static final Duration HALF_WRITTEN = Duration.ofHours(1);

    private final Repository repository;
    private final Catalogue catalogue;
    private final Path work;
    private final Surroundings surroundings;

    /** @param work local directory for one segment; made if it is not there */
    ExpireRun(Repository repository, Path work, Surroundings surroundings) {
        this.repository = repository;
        this.catalogue = new Catalogue(repository);
        this.work = work;
        this.surroundings = surroundings;
    }

    /** What a run asks and tells. */
    interface Surroundings {
        /** Decides what may be done with what is there now. */
        Expiry judge(Catalogue.Listing listing) throws IOException;

        /** A backup is about to be deleted; what this throws keeps it. */
        void deleting(String label) throws IOException;

        /** What is being done now. */
        void says(String doing);

        /** Whether it is to end before the next deletion. */
        boolean isStopped();

        /** On whose word, for the record: name and fencing token of the manager. */
        Map<String, Object> author();
    }

    /**
     * What was done.
     *
     * @param frozen why nothing was, if so
     */
    record Done(Optional<String> frozen, int stay, int marked, int deleted, int segments) {
        /** One sentence. */
        String words() {
            return frozen.map(why -> "frozen: " + why)
                    .orElse(stay + " stay, " + marked + " newly marked, " + deleted + " deleted"
                            + (segments == 0 ? "" : ", " + segments + " WAL segments deleted"));
        }
    }

    /** Blocks as long as the repository does. */
    Done run(Instant now) throws IOException {
        finishDeletions();
        int partials = repository.forgetPartials(HALF_WRITTEN, now);
        if (partials > 0) {
            LOG.infof("[partials-deleted] %d half written backups or objects of writers that were killed", partials);
        }
        var listing = catalogue.list();
        var expiry = surroundings.judge(listing);
        if (expiry.frozen().isPresent()) {
            LOG.warnf(
                    "[retention-frozen] nothing is deleted: %s", expiry.frozen().get());
            return new Done(expiry.frozen(), listing.entries().size(), 0, 0, 0);
        }
        mark(expiry, now);
        int deleted = delete(expiry, now);
        int segments = expireWal();
        return new Done(
                Optional.empty(),
                listing.entries().size() - deleted,
                expiry.mark().size(),
                deleted,
                segments);
    }

    /** What an earlier run began and did not live to end. */
    private void finishDeletions() throws IOException {
        for (String label : catalogue.list().deleting()) {
            catalogue.delete(label);
            LOG.infof("[backup-deleted] %s, whose deletion was begun before", label);
        }
    }

    private void mark(Expiry expiry, Instant now) throws IOException {
        for (String label : expiry.unmark()) {
            catalogue.mark(label, Optional.empty());
            LOG.infof("[backup-unmarked] %s stays after all", label);
        }
        for (String label : expiry.mark()) {
            catalogue.mark(label, Optional.of(now));
            LOG.infof("[backup-marked] %s: %s", label, why(expiry, label));
        }
    }

    private static String why(Expiry expiry, String label) {
        return expiry.lines().stream()
                .filter(line -> line.label().equals(label))
                .map(line -> String.join("; ", line.reasons())
                        + line.goesAt().map(at -> "; it goes at " + at).orElse(""))
                .findFirst()
                .orElse("");
    }

    private int delete(Expiry expiry, Instant now) throws IOException {
        if (expiry.delete().isEmpty()) {
            return 0;
        }
        audit(expiry, now);
        int deleted = 0;
        for (String label : expiry.delete()) {
            if (surroundings.isStopped()) {
                throw new IOException(
                        "stopped after " + deleted + " of " + expiry.delete().size() + " deletions");
            }
            // Somebody may hold it now, or restore it.
            if (!surroundings.judge(catalogue.list()).delete().contains(label)) {
                LOG.infof("[backup-spared] %s stays: something keeps it since the run began", label);
                continue;
            }
            surroundings.says("deleting " + label);
            LOG.infof("[backup-deleted] %s: %s", label, why(expiry, label));
            surroundings.deleting(label);
            catalogue.delete(label);
            deleted++;
        }
        return deleted;
    }

    /**
     * What lies before the start of the oldest backup that is there serves none. By what is there now: one that was spared at the last moment
     * needs its WAL too.
     */
    private int expireWal() throws IOException {
        var left = catalogue.list();
        var frozen = surroundings.judge(left).frozen();
        if (frozen.isPresent()) {
            LOG.warnf("[retention-frozen] no WAL is deleted: %s", frozen.get());
            return 0;
        }
        var backups = left.entries().stream().map(e -> e.forRetention(false)).toList();
        Files.createDirectories(work);
        int deleted = 0;
        for (var needed : RetentionPolicy.walNeededFrom(backups, Set.of()).entrySet()) {
            if (surroundings.isStopped()) {
                return deleted;
            }
            surroundings.says("deleting WAL before " + needed.getValue());
            int gone =
                    new WalArchive(repository, new SystemIdentifier(needed.getKey())).expire(needed.getValue(), work);
            if (gone > 0) {
                LOG.infof(
                        "[wal-expired] %d segments of system %s before %s, where the oldest backup that stays begins",
                        gone, needed.getKey(), needed.getValue());
            }
            deleted += gone;
        }
        return deleted;
    }

    /** Before the first byte goes: what will go at most, why, and on whose word. */
    private void audit(Expiry expiry, Instant now) throws IOException {
        List<Map<String, String>> lines = expiry.delete().stream()
                .map(label -> Map.of("label", label, "why", why(expiry, label)))
                .toList();
        var walBefore = new TreeMap<String, String>();
        expiry.walNeededFrom().forEach((system, lsn) -> walBefore.put(system, lsn.toString()));
        var record = new TreeMap<String, Object>(surroundings.author());
        record.put("at", now.toString());
        record.put("deleted", lines);
        record.put("wal_before", walBefore);
        byte[] json = Json.spaced(record).getBytes(StandardCharsets.UTF_8);
        var stamp = now.toString().replaceAll("[-:]", "").replaceAll("\\.\\d+", "");
        repository.create(
                "audit/expire_" + stamp + "_" + surroundings.author().get("token") + ".json", out -> out.write(json));
    }
}
