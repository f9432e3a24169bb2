package io.matriarch.ha.model;

import java.time.Instant;
import java.util.List;

/**
 * A decision with all that it was made of: what the journal keeps and {@code replay} reproduces.
 *
 * @param at wall-clock time, for people
 * @param rule the rule's name
 * @param loss the loss that the rule prevents
 * @param because the evidence in one sentence
 * @param actions the actions as text
 * @param outcomes how each ended, in order; shorter than {@code actions} when one was not done
 */
public record DecisionEntry(
        Instant at,
        String rule,
        String loss,
        String because,
        List<RejectedCandidate> rejected,
        List<String> actions,
        List<String> outcomes,
        DcsView dcs,
        NodeView node,
        HaMemory memory,
        MonotonicTime now) {
    public DecisionEntry {
        rejected = List.copyOf(rejected);
        actions = List.copyOf(actions);
        outcomes = List.copyOf(outcomes);
    }
}
