package io.matriarch.ha.port;

import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import java.util.Optional;

/** Runs one slow job at a time beside the loop. */
public interface SlowWorker {

    /**
     * Starts a job and returns.
     *
     * @return false when one is still running, or when a finished one was not taken yet
     */
    boolean start(JobKind kind, Job job);

    /** The running job, or the finished one that was not taken yet. */
    Optional<JobView> view();

    /** What the job does now, in words, with rate and remaining time. */
    Optional<String> progressText();

    /** Forgets the finished job: its result was seen. */
    void take();

    /** Interrupts the running job; it ends as {@code Failed} soon. */
    void cancel();

    /** The work; an exception makes the outcome {@code Failed}. */
    @FunctionalInterface
    interface Job {
        void run(PostgresControl.Progress progress) throws PostgresException, InterruptedException;
    }
}
