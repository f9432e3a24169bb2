package io.matriarch.backup;

import java.util.List;
import java.util.Optional;

/**
 * Which executions, the newest first.
 *
 * @param states none means all
 * @param before only those with a smaller id: where the next page begins, whatever was started meanwhile
 * @param limit how many at most, 1 to {@value #MOST}
 * @param offset how many to leave out before
 */
public record JobQuery(Optional<Job> job, List<JobRun.State> states, Optional<Long> before, int limit, int offset) {
    /** The longest page. */
    public static final int MOST = 200;

    public JobQuery {
        states = List.copyOf(states);
        if (limit < 1 || limit > MOST || offset < 0) {
            throw new IllegalArgumentException(
                    "limit " + limit + " and offset " + offset + "; allowed: 1 to " + MOST + ", and not negative");
        }
    }

    /** The newest of all jobs. */
    public static JobQuery newest(int limit) {
        return new JobQuery(Optional.empty(), List.of(), Optional.empty(), limit, 0);
    }
}
