package io.matriarch.backup.stream;

import io.matriarch.backup.JobTable;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.ha.api.BackupFacts;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import org.jboss.logging.Logger;

/** The one step of {@code wal-continuity}; leaves what was found as the job's exit status, and fails on a hole. */
@Dependent
@Named
public class WalContinuityBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private final JobContext job;
    private final BackupFacts cluster;
    private final JobTable table;

    @Inject
    public WalContinuityBatchlet(JobContext job, BackupFacts cluster, JobTable table) {
        this.job = job;
        this.cluster = cluster;
        this.table = table;
    }

    @Override
    public String process() throws IOException {
        long id = job.getExecutionId();
        try {
            table.says(id, "looking for holes in the WAL");
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            Files.createDirectories(settings.work());
            var check = new ContinuityCheck(Repositories.open(settings), settings.work(), Clock.systemUTC());
            var finding = check.run();
            job.setExitStatus(finding.sentence());
            if (!finding.whole()) {
                throw new IOException(finding.sentence());
            }
            LOG.infof("[wal-continuity] %s", finding.sentence());
            return "COMPLETED";
        } catch (IOException e) {
            LOG.errorf("[wal-continuity-failed] %s", e.getMessage());
            job.setExitStatus(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            table.ended(id);
        }
    }
}
