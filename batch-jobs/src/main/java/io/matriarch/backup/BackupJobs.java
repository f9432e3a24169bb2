package io.matriarch.backup;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.history.JobRecords;
import io.matriarch.backup.history.RecordsException;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.ha.api.BackupFacts;
import jakarta.annotation.PostConstruct;
import jakarta.batch.runtime.BatchRuntime;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * The one door to jobs, and the only caller of the batch runtime: the server keeps one for each part of the application, so that a second caller
 * would see other jobs. Nothing here waits for the end of a job; all of it blocks as long as the records do.
 */
@Singleton
@Startup
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class BackupJobs {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final String RECORDS = "java:jboss/datasources/MatriarchJobs";
    private static final JobAnswer NO_RECORDS =
            new JobAnswer.Broken("this server was started without the role of a manager: it has no records of jobs");

    private final BackupFacts cluster;
    private final JobTable table;
    private Optional<JobControl> control = Optional.empty();
    private Optional<RecordsGuard> guard = Optional.empty();

    /** For the container's proxy. */
    protected BackupJobs() {
        this(BackupFacts.none(), new JobTable());
    }

    @Inject
    public BackupJobs(BackupFacts cluster, JobTable table) {
        this.cluster = cluster;
        this.table = table;
    }

    /** On a machine that is no manager there are no records, and no jobs. */
    @PostConstruct
    void openRecords() {
        var records = records();
        guard = records.map(found -> new RecordsGuard(found::system, cluster::system));
        control = records.map(found -> new JobControl(found, BatchRuntime::getJobOperator, table, Clock.systemUTC()));
        try {
            if (control.isPresent()) {
                control.get().makeReady();
            }
        } catch (RecordsException e) {
            LOG.errorf("[job-records] no job can be started until this is mended: %s", e.getMessage());
        }
    }

    /** By a name that the server itself binds, or does not: an injected one could not be missing on a machine that is no manager. */
    @SuppressWarnings("BanJNDI")
    private static Optional<JobRecords> records() {
        try {
            return Optional.of(new JobRecords(InitialContext.<DataSource>doLookup(RECORDS)));
        } catch (NamingException e) {
            LOG.debugf("no records of jobs: %s", e.getMessage());
            return Optional.empty();
        }
    }

    /** Starts a job; {@code parameters} by name, see {@link Job#parameters()}. */
    public JobAnswer start(Job job, Map<String, String> parameters) {
        return asked(c -> guarded().orElseGet(() -> c.start(job, parameters)));
    }

    /** Asks a running execution to end soon and leave nothing half done. */
    public JobAnswer stop(long id) {
        return asked(c -> c.stop(id));
    }

    /** Tries again what failed or was stopped, as a new execution. */
    public JobAnswer restart(long id) {
        return asked(c -> guarded().orElseGet(() -> c.restart(id)));
    }

    /** Says that what failed or was stopped shall not be restarted. */
    public JobAnswer abandon(long id) {
        return asked(c -> c.abandon(id));
    }

    /** What keeps this job from beginning now; empty when it may. */
    public Optional<JobAnswer> blocked(Job job) {
        return control.isEmpty()
                ? Optional.of(NO_RECORDS)
                : guarded().or(() -> control.get().blocked(job));
    }

    private Optional<JobAnswer> guarded() {
        return guard.flatMap(RecordsGuard::objection).map(JobAnswer.Broken::new);
    }

    /** Asks everything that runs to stop; does not wait for it. */
    public void stopAll() {
        control.ifPresent(JobControl::stopAll);
    }

    private JobAnswer asked(Function<JobControl, JobAnswer> wish) {
        return control.map(wish).orElse(NO_RECORDS);
    }

    /** A page of executions, the newest first. */
    public List<JobRun> runs(JobQuery query) throws IOException {
        return control.isEmpty() ? List.of() : control.get().runs(query);
    }

    /** One execution with its steps, or empty when there is none of that id. */
    public Optional<JobRun.Details> details(long id) throws IOException {
        return control.isEmpty() ? Optional.empty() : control.get().details(id);
    }

    /**
     * All backups of the repository, newest first. Blocks as long as the repository does.
     *
     * @throws IOException if it cannot be read
     */
    public List<BackupSummary> backups() throws IOException {
        var settings = cluster.settings();
        if (settings.isEmpty()) {
            return List.of();
        }
        return new Catalogue(Repositories.open(settings.get()))
                .list().entries().reversed().stream().map(BackupSummary::of).toList();
    }

    /** Whether this machine takes backups at all. */
    public boolean isManager() {
        return cluster.settings().isPresent();
    }
}
