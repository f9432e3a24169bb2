package io.matriarch.backup;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
        /** It runs, or will in a moment. */
        RUNNING("STARTING", "STARTED"),
        /** It was asked to stop, and ends soon. */
        STOPPING("STOPPING"),
        COMPLETED("COMPLETED"),
        /** It ended because it was asked to. */
        STOPPED("STOPPED"),
        FAILED("FAILED"),
        /** It failed or was stopped, and somebody said that it shall not be restarted. */
        ABANDONED("ABANDONED");

        private final List<String> statuses;

        State(String... statuses) {
            this.statuses = List.of(statuses);
        }

        /** Whether nothing will happen any more without a restart. */
        public boolean ended() {
            return this != RUNNING && this != STOPPING;
        }

        List<String> statuses() {
            return statuses;
        }

        static State of(String status) {
            return Arrays.stream(values())
                    .filter(state -> state.statuses.contains(status))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("the batch runtime has a new status: " + status));
        }
    }

    /**
     * One step of it.
     *
     * @param outcome what the step left, if it left anything but its state
     */
    public record Step(String name, State state, Instant started, Optional<Instant> ended, Optional<String> outcome) {}

    /**
     * All that is known of it.
     *
     * @param parameters what it was told
     * @param steps in the order in which they were begun
     */
    public record Details(JobRun run, Map<String, String> parameters, List<Step> steps) {
        public Details {
            parameters = Map.copyOf(parameters);
            steps = List.copyOf(steps);
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
