package io.matriarch.backup.base;

import io.matriarch.backup.Job;
import io.matriarch.backup.JobTable;
import io.matriarch.backup.base.BaseBackup.Increment;
import io.matriarch.backup.base.BaseBackup.Order;
import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.manager.Tenures;
import io.matriarch.backup.pace.Limits;
import io.matriarch.backup.pace.Throttle;
import io.matriarch.backup.repository.FencedRepository;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.backup.retention.Backup;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.api.BackupFacts.Settings;
import io.matriarch.ha.model.BackupPolicy;
import jakarta.batch.api.AbstractBatchlet;
import jakarta.batch.api.BatchProperty;
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
import org.jspecify.annotations.Nullable;

/** The one step of {@code base-backup}; leaves the label of the new backup as the job's exit status. */
@Dependent
@Named
public class BaseBackupBatchlet extends AbstractBatchlet {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int PROBE_SECONDS = 10;
    private static final long KIB = 1024;

    private final JobContext job;
    private final BackupFacts cluster;
    private final JobTable table;
    private final Tenures tenures;
    private final String incremental;
    private final String rise;
    private volatile Optional<BaseBackup> running = Optional.empty();
    private volatile boolean stopping;

    @Inject
    public BaseBackupBatchlet(
            JobContext job,
            BackupFacts cluster,
            JobTable table,
            Tenures tenures,
            @BatchProperty(name = "incremental") @Nullable String incremental,
            @BatchProperty(name = "throttle") @Nullable String rise) {
        this.rise = rise == null ? "" : rise;
        this.job = job;
        this.cluster = cluster;
        this.table = table;
        this.tenures = tenures;
        this.incremental = incremental == null ? "" : incremental;
    }

    @Override
    public String process() throws IOException {
        long id = job.getExecutionId();
        try (var primary = new PrimaryCheck()) {
            table.says(id, "looking for the leader");
            var settings = cluster.settings().orElseThrow(() -> new IOException("this machine is no manager"));
            var policy = cluster.policy().policy();
            var repository = new FencedRepository(Repositories.open(settings), tenures.require());
            // Whoever had the tenure before may publish nothing any more, and this manager copies one at a time.
            int unfinished = repository.forgetUnfinished(Catalogue.FOLDER);
            if (unfinished > 0) {
                LOG.infof("[partials-deleted] %d copies of managers that did not live to end them", unfinished);
            }
            var catalogue = new Catalogue(repository);
            var leader = cluster.leader().orElseThrow(() -> new IOException("nobody leads " + settings.scope()));
            primary.require(leader);
            var source = SourceChoice.choose(policy.source(), leader, cluster.members());
            var throttle = throttle(settings, policy, leader);
            var backup = new BaseBackup(
                    repository,
                    settings.program("pg_basebackup"),
                    () -> patiently(() -> reign(leader, primary)),
                    Clock.systemUTC());
            running = Optional.of(backup);
            if (stopping) {
                backup.stop();
            }
            if (throttle.isPresent()) {
                table.says(
                        id,
                        "waiting for a checkpoint of " + source.name() + " at its usual pace, before the copy begins");
            }
            var made = backup.take(
                    order(settings, policy, source, catalogue, throttle),
                    (bytes, total) -> table.at(id, doing(source, throttle), bytes, total));
            catalogue.trust(
                    made.label(),
                    Backup.State.CONSISTENT,
                    made.stoppedAt(),
                    "it holds the WAL from its start to its stop",
                    Optional.empty());
            made.note().ifPresent(why -> LOG.warnf("[backup-full] %s is a full backup though: %s", made.label(), why));
            LOG.infof(
                    "[backup-taken] %s (%s) of %s from %s: %d bytes as %s, WAL %s to %s on timeline %s",
                    made.label(),
                    made.parent().map(parent -> "builds on " + parent).orElse("full"),
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
    private Optional<Leadership.Reign> reign(BackupFacts.Leader chosen, PrimaryCheck primary) throws IOException {
        var now = cluster.leader();
        if (now.filter(l -> l.member().equals(chosen.member())).isPresent()) {
            primary.require(now.get());
        }
        return now.map(l -> new Leadership.Reign(l.member(), l.reign()));
    }

    private static String doing(BackupFacts.Member source, Optional<Throttle> throttle) {
        return "copying from " + source.name()
                + throttle.flatMap(Throttle::words).map(words -> ", " + words).orElse("");
    }

    /** The primary is asked also when a replica is copied: whose clients must not wait are the primary's. */
    private Optional<Throttle> throttle(Settings settings, BackupPolicy policy, BackupFacts.Leader leader) {
        var primary = new Source(leader.member(), leader.host(), leader.port(), settings.database());
        var login = new Login(settings.superuser(), settings.superuserPassword());
        return Optional.of(rise)
                .filter(r -> !r.isEmpty())
                .map(r ->
                        r.equals("off") ? Optional.<Integer>empty() : Optional.of(Integer.valueOf(r.replace("%", ""))))
                .orElse(policy.throttle().risePercent())
                .map(percent -> new Limits(
                        percent,
                        policy.throttle().floorKib() * KIB,
                        policy.rateKib().map(kib -> kib * KIB)))
                .map(limits -> new Throttle(limits, () -> primary.connect(login, PROBE_SECONDS)));
    }

    private Order order(
            Settings settings,
            BackupPolicy policy,
            BackupFacts.Member from,
            Catalogue catalogue,
            Optional<Throttle> throttle)
            throws IOException {
        var source = new Source(from.name(), from.host(), from.port(), settings.database());
        var format = Format.of(policy.format())
                .orElseThrow(() -> new IOException(
                        "matriarch.backup.format is " + policy.format() + "; allowed: " + Format.words()));
        var known = catalogue.list().entries();
        var expected = known.stream()
                .map(Catalogue.Entry::description)
                .filter(d -> d.parent().isEmpty())
                .filter(d -> d.format().equals(format.word()))
                .reduce((older, newer) -> newer)
                .map(d -> d.storedBytes());
        return new Order(
                settings.scope(),
                source,
                new Login(settings.superuser(), settings.superuserPassword()),
                new Login(settings.replicationUser(), settings.replicationPassword()),
                format,
                policy.workers(),
                policy.rateKib().map(kib -> kib + "k"),
                throttle,
                expected,
                incremental.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Increment(incremental.equals(Job.MUST), policy.incremental(), known)));
    }

    /** Ends the copy; nothing of it stays in the repository. */
    @Override
    public void stop() {
        stopping = true;
        running.ifPresent(BaseBackup::stop);
    }
}
