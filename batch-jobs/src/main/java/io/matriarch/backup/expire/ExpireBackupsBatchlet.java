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
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.Coordination;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.jboss.logging.Logger;

/** The one step of {@code expire-backups}: marks, takes marks back, deletes; see {@link ExpireRun}. */
@Dependent
@Named
public class ExpireBackupsBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

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
            var facts = new RetentionFacts(cluster, etcd);
            var repository = new FencedRepository(Repositories.open(settings), tenure);
            var now = Instant.now();
            var done = new ExpireRun(repository, settings.work(), surroundings(facts, tenure, now)).run(now);
            if (done.frozen().isEmpty()) {
                facts.ran(now, tenure.licence());
            }
            job.setExitStatus(done.words());
            return "COMPLETED";
        } catch (IOException e) {
            LOG.errorf("[expire-failed] %s", e.getMessage());
            job.setExitStatus(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            table.ended(id);
        }
    }

    private ExpireRun.Surroundings surroundings(RetentionFacts facts, Tenure tenure, Instant now) {
        var copy = new CatalogueCopy(etcd);
        return new ExpireRun.Surroundings() {
            @Override
            public Expiry judge(Catalogue.Listing listing) throws IOException {
                return Expiry.of(
                        listing, inUse.labels(), cluster.policy().policy(), facts.now(listing, tenure.isHeld(), now));
            }

            @Override
            public void deleting(String label) throws IOException {
                copy.deleting(label, tenure.licence());
            }

            @Override
            public void says(String doing) {
                table.says(job.getExecutionId(), doing);
            }

            @Override
            public boolean isStopped() {
                return stopped;
            }

            @Override
            public Map<String, Object> author() {
                return Map.of("manager", tenure.manager(), "token", tenure.token());
            }
        };
    }

    @Override
    public void stop() {
        stopped = true;
    }
}
