package io.matriarch.backup;

import io.matriarch.backup.history.Execution;
import io.matriarch.backup.history.HistoryPolicy;
import io.matriarch.backup.history.JobRecords;
import io.matriarch.backup.history.RecordsException;
import jakarta.batch.operations.BatchRuntimeException;
import jakarta.batch.operations.JobExecutionNotRunningException;
import jakarta.batch.operations.JobOperator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What may be done with jobs, and what is known of them: {@link JobOperator} acts, the records answer. Of one server, for one server: all
 * that runs by the records runs here.
 */
final class JobControl {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** Never guess from this server's memory whether an execution runs: the records have been put right before. */
    private static final String RESTART_MODE = "jberet.restart.mode";

    private static final List<String> ALIVE = List.of("STARTING", "STARTED", "STOPPING");
    private static final int MOST_RUNNING = 100;
    private static final Duration BETWEEN_PURGES = Duration.ofDays(1);

    private final JobRecords records;
    private final Supplier<JobOperator> operator;
    private final JobTable table;
    private final Clock clock;
    private boolean ready;
    private Instant purged = Instant.MIN;

    JobControl(JobRecords records, Supplier<JobOperator> operator, JobTable table, Clock clock) {
        this.records = records;
        this.operator = operator;
        this.table = table;
        this.clock = clock;
    }

    /**
     * Puts the records right, once: what an earlier server left there as running is ended. No job is started before.
     *
     * @throws RecordsException if it could not; the next call tries again
     */
    synchronized void makeReady() throws RecordsException {
        if (!ready) {
            records.prepare();
            for (var left : records.endInterrupted(clock.instant())) {
                LOG.warnf(
                        "[job-interrupted] execution %d of %s, begun %s, did not end before the last server did: it counts as failed",
                        left.id(), left.job(), left.created());
            }
            ready = true;
        }
        if (purged.isBefore(clock.instant().minus(BETWEEN_PURGES))) {
            int forgotten = records.forget(HistoryPolicy.USUAL.mayGo(records.all(), clock.instant()));
            purged = clock.instant();
            if (forgotten > 0) {
                LOG.infof("[history-purged] %d old executions of jobs were forgotten", forgotten);
            }
        }
    }

    synchronized JobAnswer start(Job job, Map<String, String> parameters) {
        var problems = job.problems(parameters);
        if (!problems.isEmpty()) {
            return new JobAnswer.Wrong(problems);
        }
        return answering(() -> {
            makeReady();
            var busy = busy(job);
            return busy.isPresent() ? busy.get() : accepted(operator.get().start(job.word(), properties(parameters)));
        });
    }

    JobAnswer stop(long id) {
        return answering(() -> {
            var found = records.find(id);
            if (found.isEmpty()) {
                return new JobAnswer.Unknown(id);
            }
            if (found.get().hasEnded()) {
                return new JobAnswer.Refused(
                        name(found.get()) + " is " + found.get().status() + ": only what runs can be stopped");
            }
            try {
                operator.get().stop(id);
            } catch (JobExecutionNotRunningException e) {
                return new JobAnswer.Refused(name(found.get()) + " ended in this very moment");
            }
            return accepted(id);
        });
    }

    synchronized JobAnswer restart(long id) {
        return answering(() -> {
            makeReady();
            var found = records.find(id);
            if (found.isEmpty()) {
                return new JobAnswer.Unknown(id);
            }
            var refused = noRestart(found.get());
            if (refused.isPresent()) {
                return refused.get();
            }
            var parameters = properties(found.get().parameters());
            parameters.setProperty(RESTART_MODE, "strict");
            return accepted(operator.get().restart(id, parameters));
        });
    }

    JobAnswer abandon(long id) {
        return answering(() -> {
            var found = records.find(id);
            if (found.isEmpty()) {
                return new JobAnswer.Unknown(id);
            }
            var state = JobRun.State.of(found.get().status());
            return switch (state) {
                case RUNNING, STOPPING ->
                    new JobAnswer.Refused(name(found.get()) + " runs: stop it first, then it can be abandoned");
                case COMPLETED, ABANDONED ->
                    new JobAnswer.Refused(
                            name(found.get()) + " is " + state + ": only what failed or was stopped can be abandoned");
                case FAILED, STOPPED -> {
                    operator.get().abandon(id);
                    yield accepted(id);
                }
            };
        });
    }

    private Optional<JobAnswer> noRestart(Execution execution) throws RecordsException {
        var state = JobRun.State.of(execution.status());
        if (state != JobRun.State.FAILED && state != JobRun.State.STOPPED) {
            return refused(execution, "is " + state + ": only what failed or was stopped can be restarted");
        }
        var job = Job.of(execution.job());
        if (job.isEmpty()) {
            return refused(execution, "is of a job that this version does not have; it has " + Job.words());
        }
        if (!job.get().restartable()) {
            return refused(execution, "cannot be restarted, since the cluster has moved on: start a new one");
        }
        long newest = records.newestOf(execution.instance());
        if (newest != execution.id()) {
            return refused(execution, "was restarted before, as execution " + newest + ": restart that one");
        }
        var problems = job.get().problems(execution.parameters());
        if (!problems.isEmpty()) {
            return Optional.of(new JobAnswer.Wrong(problems));
        }
        return busy(job.get());
    }

    private static Optional<JobAnswer> refused(Execution execution, String why) {
        return Optional.of(new JobAnswer.Refused(name(execution) + " " + why));
    }

    private static String name(Execution execution) {
        return "execution " + execution.id() + " of " + execution.job();
    }

    private Optional<JobAnswer> busy(Job job) throws RecordsException {
        if (!job.exclusive()) {
            return Optional.empty();
        }
        for (var other : Arrays.stream(Job.values()).filter(Job::exclusive).toList()) {
            var running = page(Optional.of(other.word()), ALIVE, 1);
            if (!running.isEmpty()) {
                return Optional.of(new JobAnswer.Refused(other.word() + " runs as execution "
                        + running.getFirst().id()
                        + ", and neither may run beside the other: wait for its end, or stop it"));
            }
        }
        return Optional.empty();
    }

    /** What keeps this job from beginning now; empty when it may. */
    synchronized Optional<JobAnswer> blocked(Job job) {
        try {
            makeReady();
            return busy(job);
        } catch (RecordsException e) {
            return Optional.of(new JobAnswer.Broken(String.valueOf(e.getMessage())));
        }
    }

    /** Asks everything that runs to stop. */
    void stopAll() {
        try {
            for (var running : page(Optional.empty(), ALIVE, MOST_RUNNING)) {
                stop(running.id());
            }
        } catch (RecordsException e) {
            LOG.errorf("[job-records] what runs cannot be stopped: %s", e.getMessage());
        }
    }

    private List<Execution> page(Optional<String> job, List<String> statuses, int limit) throws RecordsException {
        return records.page(new JobRecords.Question(job, statuses, Optional.empty(), limit, 0));
    }

    List<JobRun> runs(JobQuery query) throws RecordsException {
        var statuses = query.states().stream()
                .flatMap(state -> state.statuses().stream())
                .toList();
        return records
                .page(new JobRecords.Question(
                        query.job().map(Job::word), statuses, query.before(), query.limit(), query.offset()))
                .stream()
                .map(this::describe)
                .toList();
    }

    Optional<JobRun.Details> details(long id) throws RecordsException {
        var found = records.find(id);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var steps = records.steps(id).stream().map(JobControl::describe).toList();
        return Optional.of(new JobRun.Details(describe(found.get()), found.get().parameters(), steps));
    }

    private JobRun describe(Execution e) {
        var state = JobRun.State.of(e.status());
        return new JobRun(
                e.id(),
                e.job(),
                state,
                e.created(),
                state.ended() ? e.ended() : Optional.empty(),
                e.exit().filter(text -> !text.equals(e.status())),
                state.ended() ? Optional.empty() : table.of(e.id()));
    }

    private static JobRun.Step describe(Execution.Step step) {
        return new JobRun.Step(
                step.name(),
                JobRun.State.of(step.status()),
                step.started(),
                step.ended(),
                step.exit().filter(text -> !text.equals(step.status())));
    }

    private JobAnswer accepted(long id) throws RecordsException {
        return records.find(id)
                .<JobAnswer>map(e -> new JobAnswer.Accepted(describe(e)))
                .orElseGet(() -> new JobAnswer.Broken("execution " + id + " is not in the records"));
    }

    private static Properties properties(Map<String, String> parameters) {
        var properties = new Properties();
        properties.putAll(parameters);
        return properties;
    }

    @FunctionalInterface
    private interface Wish {
        JobAnswer fulfil() throws RecordsException;
    }

    /** The runtime reports a missing or broken job XML, and whatever else it cannot do, by one family of exceptions. */
    private static JobAnswer answering(Wish wish) {
        try {
            return wish.fulfil();
        } catch (BatchRuntimeException e) {
            LOG.errorf("[job-refused-by-runtime] %s", e.getMessage());
            return new JobAnswer.Broken("the batch runtime cannot do it: " + e.getMessage());
        } catch (RecordsException e) {
            LOG.errorf("[job-records] %s", e.getMessage());
            return new JobAnswer.Broken(String.valueOf(e.getMessage()));
        }
    }
}
