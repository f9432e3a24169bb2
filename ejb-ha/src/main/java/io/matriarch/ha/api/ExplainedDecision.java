package io.matriarch.ha.api;

import io.matriarch.ha.model.DecisionEntry;

/**
 * A decision with what its rule says.
 *
 * @param sentence what the rule does
 */
public record ExplainedDecision(DecisionEntry entry, String sentence) {}
