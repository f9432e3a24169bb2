package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.RejectedCandidate;
import java.util.List;

/**
 * What one cycle decided.
 *
 * @param rule the rule that was followed
 * @param because the evidence in one sentence
 * @param actions to run in order, stopping at the first that is not done
 * @param memory what to remember
 * @param wakeUpAt when to look again at the latest
 * @param rejected alternatives, and why not
 */
public record Decision(
        Rule rule,
        String because,
        List<Action> actions,
        HaMemory memory,
        MonotonicTime wakeUpAt,
        List<RejectedCandidate> rejected) {
    public Decision {
        actions = List.copyOf(actions);
        rejected = List.copyOf(rejected);
    }

    /** The same for the same reason, by other actions. */
    Decision withActions(List<Action> others) {
        return new Decision(rule, because, others, memory, wakeUpAt, rejected);
    }
}
