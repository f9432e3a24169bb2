package io.matriarch.backup;

import io.matriarch.backup.catalogue.Catalogue;
import io.matriarch.backup.repository.Repositories;
import io.matriarch.ha.api.BackupFacts;
import jakarta.batch.operations.JobExecutionNotRunningException;
import jakarta.batch.operations.JobOperator;
import jakarta.batch.operations.JobStartException;
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
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The only caller of {@link JobOperator}: the server keeps one for each part of the application, so that a second
 * caller would see other jobs. Starting a job does not wait for its end.
 */
@Singleton
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class BackupJobs {

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
     * Starts a job; does not wait for its end.
     *
     * @param parameters by name; see {@link Job#parameters()}
     */
    public synchronized JobAnswer start(Job job, Map<String, String> parameters) {
        var problems = job.problems(parameters);
        if (!problems.isEmpty()) {
            return new JobAnswer.Wrong(problems);
        }
        var busy = blocked(job);
        if (busy.isPresent()) {
            return new JobAnswer.Refused(busy.get().job() + " runs as execution "
                    + busy.get().id() + " and works on the whole repository: wait for its end, or stop it");
        }
        var given = new Properties();
        given.putAll(parameters);
        try {
            long id = BatchRuntime.getJobOperator().start(job.word(), given);
            return find(id).<JobAnswer>map(JobAnswer.Accepted::new)
                    .orElseGet(
                            () -> new JobAnswer.Broken("execution " + id + " was started and is not in the records"));
        } catch (JobStartException e) {
            return new JobAnswer.Broken(job.word() + " cannot be started: " + e.getMessage());
        }
    }

    /** What runs already and lets this job not begin; empty when it may. */
    public Optional<JobRun> blocked(Job job) {
        return job.exclusive() ? runningExclusive() : Optional.empty();
    }

    /** Asks everything that runs to stop; does not wait for it. */
    public void stopAll() {
        var operator = BatchRuntime.getJobOperator();
        for (var job : Job.values()) {
            for (var run : runs(job)) {
                if (!run.state().ended()) {
                    try {
                        operator.stop(run.id());
                    } catch (JobExecutionNotRunningException e) {
                        // It ended meanwhile.
                        continue;
                    }
                }
            }
        }
    }

    private Optional<JobRun> runningExclusive() {
        return Arrays.stream(Job.values())
                .filter(Job::exclusive)
                .flatMap(job -> runs(job).stream())
                .filter(run -> !run.state().ended())
                .findFirst();
    }

    /** The newest executions of all jobs, newest first. */
    public List<JobRun> runs(int limit) {
        return Arrays.stream(Job.values())
                .flatMap(job -> runs(job).stream())
                .sorted(Comparator.comparingLong(JobRun::id).reversed())
                .limit(limit)
                .toList();
    }

    private List<JobRun> runs(Job job) {
        var operator = BatchRuntime.getJobOperator();
        try {
            return operator.getJobInstances(job.word(), 0, MOST_RUNS).stream()
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
