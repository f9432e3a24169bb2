package io.matriarch.backup.base;

import io.matriarch.backup.JobTable;
import io.matriarch.backup.base.BaseBackup.Order;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.retention.Backup;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.BackupFacts.Settings;
import io.matriarch.ha.model.BackupPolicy;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** The one step of {@code base-backup}; leaves the label of the new backup as the job's exit status. */
@Dependent
@Named
public class BaseBackupBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final JobContext job;
    private final BackupFacts cluster;
    private final JobTable table;
    private final Tenures tenures;
    private volatile Optional<BaseBackup> running = Optional.empty();
    private volatile boolean stopping;

    @Inject
    public BaseBackupBatchlet(JobContext job, BackupFacts cluster, JobTable table, Tenures tenures) {
        this.job = job;
        this.cluster = cluster;
        this.table = table;
        this.tenures = tenures;
    }

    @Override
    public String process() throws IOException {
        long id = job.getExecutionId();
        try {
            table.says(id, "looking for the leader");
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            var policy = cluster.policy().policy();
            var repository = new FencedRepository(Repositories.open(settings), tenures.require());
            var catalogue = new Catalogue(repository);
            var leader = cluster.leader().orElseThrow(() -> new IOException("nobody leads " + settings.scope()));
            new PrimaryCheck().require(leader);
            var source = SourceChoice.choose(policy.source(), leader, cluster.members());
            var backup = new BaseBackup(
                    repository,
                    settings.program("pg_basebackup"),
                    () -> patiently(() -> reign(leader)),
                    Clock.systemUTC());
            running = Optional.of(backup);
            if (stopping) {
                backup.stop();
            }
            var made = backup.take(
                    order(settings, policy, source, catalogue),
                    (bytes, total) -> table.at(id, "copying from " + source.name(), bytes, total));
            catalogue.trust(
                    made.label(),
                    Backup.State.CONSISTENT,
                    made.stoppedAt(),
                    "it holds the WAL from its start to its stop",
                    Optional.empty());
            LOG.infof(
                    "[backup-taken] %s of %s from %s: %d bytes as %s, WAL %s to %s on timeline %s",
                    made.label(),
                    made.scope(),
                    made.source(),
                    made.storedBytes(),
                    made.format(),
                    made.start(),
                    made.stop(),
                    made.timeline());
            job.setExitStatus(made.label());
            return "COMPLETED";
        } catch (IOException e) {
            if (stopping) {
                LOG.infof("[backup-stopped] execution %d was stopped: there is no new backup", id);
                job.setExitStatus("stopped as asked: no backup");
                return "STOPPED";
            }
            LOG.errorf("[backup-failed] %s", e.getMessage());
            job.setExitStatus("no backup: " + e.getMessage());
            throw e;
        } finally {
            table.ended(id);
        }
    }

    /** While etcd does not answer nobody knows who leads, and the work of hours may hang on it. */
    private <T> T patiently(Question<T> question) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return question.ask();
            } catch (IOException e) {
                if (stopping || System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private interface Question<T> {
        T ask() throws IOException;
    }

    /** Asked again right before the copy and right after it; over REST too, since a key may outlive its holder's PostgreSQL for a moment. */
    private Optional<Leadership.Reign> reign(BackupFacts.Leader chosen) throws IOException {
        var now = cluster.leader();
        if (now.filter(l -> l.member().equals(chosen.member())).isPresent()) {
            new PrimaryCheck().require(now.get());
        }
        return now.map(l -> new Leadership.Reign(l.member(), l.reign()));
    }

    private static Order order(Settings settings, BackupPolicy policy, BackupFacts.Member from, Catalogue catalogue)
            throws IOException {
        var source = new Source(from.name(), from.host(), from.port(), settings.database());
        var format = Format.of(policy.format())
                .orElseThrow(() -> new IOException(
                        "matriarch.backup.format is " + policy.format() + "; allowed: " + Format.words()));
        var expected = catalogue.list().entries().stream()
                .map(Catalogue.Entry::description)
                .filter(d -> d.format().equals(format.word()))
                .reduce((older, newer) -> newer)
                .map(d -> d.storedBytes());
        return new Order(
                settings.scope(),
                source,
                new Login(settings.superuser(), settings.superuserPassword()),
                new Login(settings.replicationUser(), settings.replicationPassword()),
                format,
                policy.rateKib().map(kib -> kib + "k"),
                expected);
    }

    /** Ends the copy; nothing of it stays in the repository. */
    @Override
    public void stop() {
        stopping = true;
        running.ifPresent(BaseBackup::stop);
    }
}
