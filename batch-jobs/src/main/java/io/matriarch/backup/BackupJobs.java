package io.matriarch.backup;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.ha.api.BackupFacts;
import jakarta.batch.operations.JobOperator;
import jakarta.batch.operations.NoSuchJobException;
import jakarta.batch.operations.NoSuchJobExecutionException;
import jakarta.batch.runtime.BatchRuntime;
import jakarta.batch.runtime.BatchStatus;
import jakarta.batch.runtime.JobExecution;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The only caller of {@link JobOperator}: the server keeps one for each part of the application, so that a second
 * caller would see other jobs. Starting a job does not wait for its end.
 */
@Singleton
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class BackupJobs {

    /** Name of the job that proves that a repository can be written. */
    public static final String CHECK_REPOSITORY = "check-repository";

    /** Name of the job that copies the cluster. */
    public static final String BASE_BACKUP = "base-backup";

    /** Name of the job that restores a backup in a sandbox. */
    public static final String VERIFY_BACKUP = "verify-backup";

    /** Name of the job that proves that no WAL lacks. */
    public static final String WAL_CONTINUITY = "wal-continuity";

    private static final List<String> ALONE = List.of(BASE_BACKUP, VERIFY_BACKUP);
    private static final int MOST_RUNS = 100;

    private final BackupFacts cluster;
    private final JobTable table;

    /** For the container's proxy. */
    protected BackupJobs() {
        this(BackupFacts.none(), new JobTable());
    }

    @Inject
    public BackupJobs(BackupFacts cluster, JobTable table) {
        this.cluster = cluster;
        this.table = table;
    }

    /**
     * Starts a check of the backup repository.
     *
     * @param repository its directory
     * @return id of the execution
     */
    public long checkRepository(Path repository) {
        Properties parameters = new Properties();
        parameters.setProperty("repository", repository.toString());
        return BatchRuntime.getJobOperator().start(CHECK_REPOSITORY, parameters);
    }

    /**
     * Starts a base backup of the cluster, which is verified afterwards unless that is switched off.
     *
     * @return id of the execution; empty while one runs already
     */
    public Optional<Long> baseBackup() {
        return startAlone(BASE_BACKUP, new Properties());
    }

    /**
     * Starts a verification.
     *
     * @param label of the backup; empty for the newest
     * @return id of the execution; empty while a backup or another verification runs
     */
    public Optional<Long> verify(Optional<String> label) {
        Properties parameters = new Properties();
        label.ifPresent(l -> parameters.setProperty("label", l));
        return startAlone(VERIFY_BACKUP, parameters);
    }

    /**
     * Starts the proof that no WAL lacks between the oldest backup and the present; it only reads, besides others.
     *
     * @return id of the execution; empty while one runs already
     */
    public synchronized Optional<Long> walContinuity() {
        boolean busy =
                runs(WAL_CONTINUITY).stream().anyMatch(run -> !run.state().ended());
        return busy
                ? Optional.empty()
                : Optional.of(BatchRuntime.getJobOperator().start(WAL_CONTINUITY, new Properties()));
    }

    /** One at a time: each of these reads or writes the whole repository. */
    private synchronized Optional<Long> startAlone(String job, Properties parameters) {
        var operator = BatchRuntime.getJobOperator();
        boolean busy = ALONE.stream()
                .anyMatch(
                        name -> runs(name).stream().anyMatch(run -> !run.state().ended()));
        return busy ? Optional.empty() : Optional.of(operator.start(job, parameters));
    }

    /** The newest executions of all jobs, newest first. */
    public List<JobRun> runs(int limit) {
        return Stream.of(BASE_BACKUP, VERIFY_BACKUP, WAL_CONTINUITY, CHECK_REPOSITORY)
                .flatMap(name -> runs(name).stream())
                .sorted(Comparator.comparingLong(JobRun::id).reversed())
                .limit(limit)
                .toList();
    }

    private List<JobRun> runs(String job) {
        var operator = BatchRuntime.getJobOperator();
        try {
            return operator.getJobInstances(job, 0, MOST_RUNS).stream()
                    .flatMap(instance -> operator.getJobExecutions(instance).stream())
                    .map(this::describe)
                    .toList();
        } catch (NoSuchJobException e) {
            // Never run since the server began its records.
            return List.of();
        }
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

    /** One execution, or empty when this server knows none of that id. */
    public Optional<JobRun> find(long id) {
        try {
            return Optional.of(describe(BatchRuntime.getJobOperator().getJobExecution(id)));
        } catch (NoSuchJobExecutionException e) {
            return Optional.empty();
        }
    }

    private JobRun describe(JobExecution execution) {
        JobRun.State state = stateOf(execution.getBatchStatus());
        return new JobRun(
                execution.getExecutionId(),
                execution.getJobName(),
                state,
                execution.getCreateTime().toInstant(),
                state.ended() ? instant(execution.getEndTime()) : Optional.empty(),
                Optional.ofNullable(execution.getExitStatus()).filter(text -> !text.equals(state.name())),
                table.of(execution.getExecutionId()));
    }

    private static Optional<Instant> instant(Date date) {
        return Optional.ofNullable(date).map(Date::toInstant);
    }

    private static JobRun.State stateOf(BatchStatus status) {
        return switch (status) {
            case STARTING, STARTED, STOPPING -> JobRun.State.RUNNING;
            case COMPLETED -> JobRun.State.COMPLETED;
            case STOPPED -> JobRun.State.STOPPED;
            case FAILED, ABANDONED -> JobRun.State.FAILED;
        };
    }
}
