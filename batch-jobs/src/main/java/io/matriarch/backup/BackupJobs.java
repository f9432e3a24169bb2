package io.matriarch.backup;

import jakarta.batch.operations.JobOperator;
import jakarta.batch.operations.NoSuchJobExecutionException;
import jakarta.batch.runtime.BatchRuntime;
import jakarta.batch.runtime.BatchStatus;
import jakarta.batch.runtime.JobExecution;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
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

    /** Name of the job that proves that a repository can be written. */
    public static final String CHECK_REPOSITORY = "check-repository";

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

    /** One execution, or empty when this server knows none of that id. */
    public Optional<JobRun> find(long id) {
        try {
            return Optional.of(describe(BatchRuntime.getJobOperator().getJobExecution(id)));
        } catch (NoSuchJobExecutionException e) {
            return Optional.empty();
        }
    }

    private static JobRun describe(JobExecution execution) {
        JobRun.State state = stateOf(execution.getBatchStatus());
        return new JobRun(
                execution.getExecutionId(),
                execution.getJobName(),
                state,
                execution.getCreateTime().toInstant(),
                state.ended() ? instant(execution.getEndTime()) : Optional.empty(),
                Optional.ofNullable(execution.getExitStatus()).filter(text -> !text.equals(state.name())));
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
