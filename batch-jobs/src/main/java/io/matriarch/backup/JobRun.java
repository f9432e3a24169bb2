package io.matriarch.backup;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One execution of a job, as people and the REST interface see it.
 *
 * @param id the execution's id, unique within one server
 * @param job name of the job, for example {@code check-repository}
 * @param state how far it got
 * @param started when it was started
 * @param ended when it ended; empty while it runs
 * @param progress how far it is, while it runs here
 * @param outcome one sentence that the job itself left; empty if it left none
 */
public record JobRun(
        long id,
        String job,
        State state,
        Instant started,
        Optional<Instant> ended,
        Optional<String> outcome,
        Optional<JobTable.Progress> progress) {

    /** State of an execution; the batch runtime's own words, grouped by what a person has to do. */
    public enum State {
        RUNNING,
        COMPLETED,
        STOPPED,
        FAILED;

        /** Whether nothing will happen any more without a restart. */
        public boolean ended() {
            return this != RUNNING;
        }
    }

    public JobRun {
        Objects.requireNonNull(job);
        Objects.requireNonNull(state);
        Objects.requireNonNull(started);
        Objects.requireNonNull(ended);
        Objects.requireNonNull(outcome);
        Objects.requireNonNull(progress);
    }
}
