package io.matriarch.backup.expire;

import io.matriarch.backup.InUse;
import io.matriarch.backup.JobTable;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.CatalogueCopy;
import io.matriarch.backup.catalogue.Expiry;
import io.matriarch.backup.catalogue.RetentionFacts;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.wal.WalArchive;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.SystemIdentifier;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/** The one step of {@code expire-backups}: marks, takes marks back, deletes; what it does was decided by {@link Expiry}. */
@Dependent
@Named
public class ExpireBackupsBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    /** What was not written to for so long has no writer any more. */
    private static final Duration HALF_WRITTEN = Duration.ofHours(1);

    private final JobContext job;
    private final BackupFacts cluster;
    private final Coordination etcd;
    private final JobTable table;
    private final Tenures tenures;
    private final InUse inUse;
    private volatile boolean stopped;

    @Inject
    public ExpireBackupsBatchlet(
            JobContext job, BackupFacts cluster, Coordination etcd, JobTable table, Tenures tenures, InUse inUse) {
        this.job = job;
        this.cluster = cluster;
        this.etcd = etcd;
        this.table = table;
        this.tenures = tenures;
        this.inUse = inUse;
    }

    @Override
    public String process() throws IOException {
        long id = job.getExecutionId();
        try {
            table.says(id, "reading the catalogue");
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            var tenure = tenures.require();
            var repository = new FencedRepository(Repositories.open(settings), tenure);
            var catalogue = new Catalogue(repository);
            var copy = new CatalogueCopy(etcd);
            var facts = new RetentionFacts(cluster, etcd);
            finishDeletions(catalogue, copy, tenure);
            int partials = repository.forgetPartials(HALF_WRITTEN, Instant.now());
            if (partials > 0) {
                LOG.infof(
                        "[partials-deleted] %d half written backups or objects of writers that were killed", partials);
            }
            var listing = catalogue.list();
            var now = Instant.now();
            var expiry = plan(listing, facts, tenure, now);
            expiry.frozen().ifPresent(why -> LOG.warnf("[retention-frozen] nothing is deleted: %s", why));
            mark(expiry, catalogue, now);
            int deleted = delete(expiry, repository, catalogue, copy, facts, tenure, now);
            int segments = expiry.frozen().isPresent() ? 0 : expireWal(expiry, repository, settings.work());
            if (expiry.frozen().isEmpty()) {
                facts.ran(now, tenure.licence());
            }
            job.setExitStatus(expiry.frozen()
                    .map(why -> "frozen: " + why)
                    .orElse(listing.entries().size() - deleted + " stay, "
                            + expiry.mark().size() + " newly marked, " + deleted + " deleted"
                            + (segments == 0 ? "" : ", " + segments + " WAL segments deleted")));
            return "COMPLETED";
        } catch (IOException e) {
            LOG.errorf("[expire-failed] %s", e.getMessage());
            job.setExitStatus(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            table.ended(id);
        }
    }

    /** What an earlier run began and did not live to end. */
    private static void finishDeletions(Catalogue catalogue, CatalogueCopy copy, Tenure tenure) throws IOException {
        for (String label : catalogue.list().deleting()) {
            catalogue.delete(label);
            LOG.infof("[backup-deleted] %s, whose deletion was begun before", label);
        }
    }

    private static void mark(Expiry expiry, Catalogue catalogue, Instant now) throws IOException {
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

    private Expiry plan(Catalogue.Listing listing, RetentionFacts facts, Tenure tenure, Instant now)
            throws IOException {
        return Expiry.of(listing, inUse.labels(), cluster.policy().policy(), facts.now(listing, tenure.isHeld(), now));
    }

    private int delete(
            Expiry expiry,
            Repository repository,
            Catalogue catalogue,
            CatalogueCopy copy,
            RetentionFacts facts,
            Tenure tenure,
            Instant now)
            throws IOException {
        if (expiry.delete().isEmpty()) {
            return 0;
        }
        audit(expiry, repository, tenure, now);
        int deleted = 0;
        for (String label : expiry.delete()) {
            if (stopped) {
                throw new IOException(
                        "stopped after " + deleted + " of " + expiry.delete().size() + " deletions");
            }
            // Somebody may hold it now, or restore it: each deletion is decided anew.
            if (!plan(catalogue.list(), facts, tenure, now).delete().contains(label)) {
                LOG.infof("[backup-spared] %s stays: something keeps it since the run began", label);
                continue;
            }
            table.says(job.getExecutionId(), "deleting " + label);
            LOG.infof("[backup-deleted] %s: %s", label, why(expiry, label));
            copy.deleting(label, tenure.licence());
            catalogue.delete(label);
            deleted++;
        }
        return deleted;
    }

    /** What lies before the start of the oldest backup that stays serves none. */
    private int expireWal(Expiry expiry, Repository repository, Path work) throws IOException {
        Files.createDirectories(work);
        int deleted = 0;
        for (var needed : expiry.walNeededFrom().entrySet()) {
            table.says(job.getExecutionId(), "deleting WAL before " + needed.getValue());
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

    /** Before the first byte goes: what will go, why, and on whose word. */
    private static void audit(Expiry expiry, Repository repository, Tenure tenure, Instant now) throws IOException {
        List<Map<String, String>> lines = expiry.delete().stream()
                .map(label -> Map.of("label", label, "why", why(expiry, label)))
                .toList();
        var walBefore = new TreeMap<String, String>();
        expiry.walNeededFrom().forEach((system, lsn) -> walBefore.put(system, lsn.toString()));
        byte[] json = Json.spaced(Map.of(
                        "at",
                        now.toString(),
                        "manager",
                        tenure.manager(),
                        "token",
                        tenure.token(),
                        "deleted",
                        lines,
                        "wal_before",
                        walBefore))
                .getBytes(StandardCharsets.UTF_8);
        var stamp = now.toString().replaceAll("[-:]", "").replaceAll("\\.\\d+", "");
        repository.create("audit/expire_" + stamp + "_" + tenure.token() + ".json", out -> out.write(json));
    }

    @Override
    public void stop() {
        stopped = true;
    }
}
