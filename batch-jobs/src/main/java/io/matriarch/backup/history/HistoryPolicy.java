package io.matriarch.backup.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What of the history may be forgotten. An instance stays or goes as a whole, with all its executions, and stays if any of these holds of
 * one of them: it runs; it is among the newest of its job; it is young; it failed and is not yet old.
 *
 * @param newest how many instances of each job always stay
 * @param young how long everything stays
 * @param failed how long stays what did not complete
 */
public record HistoryPolicy(int newest, Duration young, Duration failed) {
    /** A hundred of each job, ninety days, a year. */
    public static final HistoryPolicy USUAL = new HistoryPolicy(100, Duration.ofDays(90), Duration.ofDays(365));

    public HistoryPolicy {
        if (newest < 1 || young.isNegative() || failed.compareTo(young) < 0) {
            throw new IllegalArgumentException(
                    "keep at least 1, no negative time, and what failed as long as the rest: " + newest + ", " + young
                            + ", " + failed);
        }
    }

    /** Instances that may go, oldest first. */
    public List<Long> mayGo(List<Execution> history, Instant now) {
        var instances = new HashMap<Long, List<Execution>>();
        for (var execution : history) {
            instances
                    .computeIfAbsent(execution.instance(), id -> new ArrayList<>())
                    .add(execution);
        }
        Map<String, Integer> seen = new HashMap<>();
        var going = new ArrayList<Long>();
        for (long instance :
                instances.keySet().stream().sorted(Comparator.reverseOrder()).toList()) {
            var executions = instances.getOrDefault(instance, List.of());
            int place = seen.merge(executions.getFirst().job(), 1, Integer::sum);
            if (place > newest && executions.stream().noneMatch(e -> stays(e, now))) {
                going.add(instance);
            }
        }
        return going.reversed();
    }

    /** The future is young too: a clock that was set back is no reason to forget. */
    private boolean stays(Execution execution, Instant now) {
        if (!execution.hasEnded()) {
            return true;
        }
        var at = execution.ended().orElse(execution.created());
        var kept = execution.status().equals("COMPLETED") ? young : failed;
        return at.isAfter(now.minus(kept));
    }
}
