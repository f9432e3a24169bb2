package io.matriarch.backup.verify;

import io.matriarch.backup.JobTable;
import io.matriarch.backup.catalogue.BackupDescription;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.catalogue.Catalogue.Entry;
import io.matriarch.backup.catalogue.Proof;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.ReadOnlyRepository;
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
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The one step of {@code verify-backup}. A backup that fails a check makes the job fail, and is SUSPECT from then on. */
@Dependent
@Named
public class VerifyBackupBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private static final String STALEST = "stalest";
    private static final int LONGEST = 480;

    private final JobContext job;
    private final BackupFacts cluster;
    private final JobTable table;
    private final Tenures tenures;
    private final String label;
    private final String replay;
    private final String when;
    private final Halt halt = new Halt();

    @Inject
    public VerifyBackupBatchlet(
            JobContext job,
            BackupFacts cluster,
            JobTable table,
            Tenures tenures,
            @BatchProperty(name = "label") @Nullable String label,
            @BatchProperty(name = "replay") @Nullable String replay,
            @BatchProperty(name = "when") @Nullable String when) {
        this.job = job;
        this.cluster = cluster;
        this.table = table;
        this.tenures = tenures;
        this.label = label == null ? "" : label;
        this.replay = replay == null ? "" : replay;
        this.when = when == null ? "" : when;
    }

    @Override
    public String process() throws IOException {
        long id = job.getExecutionId();
        try {
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            var policy = cluster.policy().policy();
            if (when.equals("configured") && !policy.verify()) {
                return "SKIPPED";
            }
            var repository = new FencedRepository(Repositories.open(settings), tenures.require());
            var catalogue = new Catalogue(repository);
            var listing = catalogue.list();
            Entry entry = chosen(listing);
            var backup = entry.description();
            var chain = listing.chain(entry);
            if (chain.broken().isPresent()) {
                throw new IOException(
                        "there is nothing to restore: " + chain.broken().get());
            }
            table.says(id, "restoring " + backup.label() + " in a sandbox");
            Files.createDirectories(settings.work());
            var proofs = new Proofs(repository);
            var earlier = proofs.earlier(listing, backup.system());
            var wanted = policy.verification();
            var task = new Task(
                    settings.superuser(),
                    settings.database(),
                    Wish.of(replay, wanted, earlier.sinceReplay()),
                    wanted,
                    earlier);
            var programs = new Programs(name -> settings.program(name.toString()), List.of(), halt);
            var verdict = new BackupVerifier(
                            new ReadOnlyRepository(repository), programs, settings.work(), System::nanoTime)
                    .verify(chain.descriptions(), task);
            var sentence = verdict.sentence();
            halt.check();
            proofs.write(backup.label(), document(verdict, backup));
            // What builds on a suspect backup is suspect by that, for as long as it is.
            catalogue.trust(
                    verdict.parent().orElse(backup.label()),
                    verdict.counts() ? Backup.State.VERIFIED : Backup.State.SUSPECT,
                    Instant.now(),
                    sentence,
                    proof(verdict, backup));
            job.setExitStatus(shortened(backup.label() + ": " + sentence));
            if (!verdict.counts()) {
                throw new IOException(backup.label() + " is SUSPECT"
                        + verdict.parent().map(p -> ", since it builds on " + p).orElse("") + ": " + sentence);
            }
            if (verdict.complaint().isPresent()) {
                throw new IOException(backup.label() + " is good, but its verification found: "
                        + verdict.complaint().get());
            }
            LOG.infof("[backup-verified] %s: %s", backup.label(), sentence);
            return "COMPLETED";
        } catch (HaltedException e) {
            LOG.infof("[verification-stopped] execution %d was stopped; no backup's state changed", id);
            job.setExitStatus("stopped as asked; the backup is trusted as before");
            return "STOPPED";
        } catch (IllegalArgumentException e) {
            LOG.errorf("[verification-failed] %s", e.getMessage());
            job.setExitStatus(shortened(String.valueOf(e.getMessage())));
            throw new IOException(e.getMessage(), e);
        } catch (IOException e) {
            LOG.errorf("[verification-failed] %s", e.getMessage());
            job.setExitStatus(shortened(String.valueOf(e.getMessage())));
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
                    .filter(e -> listing.chain(e).broken().isEmpty())
                    .min(Comparator.comparing(Entry::since))
                    .orElseThrow(() -> new IOException("no backup has all that it builds on"));
        }
        return label.isBlank()
                ? listing.entries().getLast()
                : listing.find(label).orElseThrow(() -> new IOException("there is no backup " + label));
    }

    private static ProofDocument document(Verdict verdict, BackupDescription backup) {
        return new ProofDocument(
                Instant.now(),
                verdict.moment().orElse(backup.stoppedAt()),
                verdict.counts(),
                verdict.moment().isPresent(),
                verdict.rows(),
                verdict.objects(),
                verdict.remarks());
    }

    private static Optional<Proof> proof(Verdict verdict, BackupDescription backup) {
        if (!verdict.counts()) {
            return Optional.empty();
        }
        long millis = Math.max(1, verdict.restore().toMillis());
        return Optional.of(new Proof(
                Math.max(1, verdict.restore().toSeconds()),
                Math.round(backup.serverBytes() * 1000.0 / millis),
                Optional.of(verdict.reached().word()),
                verdict.moment(),
                verdict.complaint()));
    }

    /** The batch runtime's records have room for so much. */
    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }
}
