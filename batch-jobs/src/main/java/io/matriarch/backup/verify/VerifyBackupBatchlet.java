package io.matriarch.backup.verify;

import io.matriarch.backup.JobTable;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.retention.Backup;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.backup.sandbox.Halt.HaltedException;
import io.matriarch.backup.sandbox.Programs;
import io.matriarch.ha.api.BackupFacts;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.api.BatchProperty;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The one step of {@code verify-backup}. A backup that fails a check makes the job fail, and is SUSPECT from then on. */
@Dependent
@Named
public class VerifyBackupBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private static final String STALEST = "stalest";

    private final JobContext job;
    private final BackupFacts cluster;
    private final JobTable table;
    private final Tenures tenures;
    private final String label;
    private final String when;
    private final Halt halt = new Halt();

    @Inject
    public VerifyBackupBatchlet(
            JobContext job,
            BackupFacts cluster,
            JobTable table,
            Tenures tenures,
            @BatchProperty(name = "label") @Nullable String label,
            @BatchProperty(name = "when") @Nullable String when) {
        this.job = job;
        this.cluster = cluster;
        this.table = table;
        this.tenures = tenures;
        this.label = label == null ? "" : label;
        this.when = when == null ? "" : when;
    }

    @Override
    public String process() throws IOException {
        long id = job.getExecutionId();
        try {
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            if (when.equals("configured") && !cluster.policy().policy().verify()) {
                return "SKIPPED";
            }
            var repository = new FencedRepository(Repositories.open(settings), tenures.require());
            var catalogue = new Catalogue(repository);
            Entry entry = chosen(catalogue.list());
            var backup = entry.description();
            table.says(id, "restoring " + backup.label() + " in a sandbox");
            Files.createDirectories(settings.work());
            var programs = new Programs(name -> settings.program(name.toString()), List.of(), halt);
            var verdict = new BackupVerifier(repository, programs, settings.work(), System::nanoTime)
                    .verify(backup, settings.superuser());
            var sentence = sentence(verdict);
            halt.check();
            catalogue.trust(
                    backup.label(),
                    verdict.counts() ? Backup.State.VERIFIED : Backup.State.SUSPECT,
                    Instant.now(),
                    sentence,
                    verdict.counts() ? Optional.of(Math.max(1, verdict.restore().toSeconds())) : Optional.empty());
            job.setExitStatus(backup.label() + ": " + sentence);
            if (!verdict.counts()) {
                throw new IOException(backup.label() + " is SUSPECT: " + sentence);
            }
            LOG.infof("[backup-verified] %s: %s", backup.label(), sentence);
            return "COMPLETED";
        } catch (HaltedException e) {
            LOG.infof("[verification-stopped] execution %d was stopped; no backup's state changed", id);
            job.setExitStatus("stopped as asked; the backup is trusted as before");
            return "STOPPED";
        } catch (IOException e) {
            LOG.errorf("[verification-failed] %s", e.getMessage());
            job.setExitStatus(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            table.ended(id);
        }
    }

    /** Ends the programs that run; the sandbox is still taken away. */
    @Override
    public void stop() {
        halt.ask();
    }

    /** The named one; without a name the newest; {@link #STALEST} for the one whose last proof is the oldest. */
    private Entry chosen(Catalogue.Listing listing) throws IOException {
        if (listing.entries().isEmpty()) {
            throw new IOException("there is no backup to verify");
        }
        if (label.equals(STALEST)) {
            return listing.entries().stream()
                    .min(Comparator.comparing(Entry::since))
                    .orElseThrow();
        }
        return label.isBlank()
                ? listing.entries().getLast()
                : listing.find(label).orElseThrow(() -> new IOException("there is no backup " + label));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    private static String sentence(Verdict verdict) {
        if (verdict.fault().isPresent()) {
            return "failed after " + verdict.reached().word() + ": "
                    + verdict.fault().get();
        }
        long rows = verdict.rows().values().stream().mapToLong(Long::longValue).sum();
        var skipped = verdict.skipped().isEmpty() ? "" : "; not checked: " + String.join("; ", verdict.skipped());
        return verdict.reached().word() + " in " + seconds(verdict.whole()) + ", restored in "
                + seconds(verdict.restore()) + ", " + rows + " rows in "
                + verdict.rows().size() + " tables" + skipped;
    }
}
