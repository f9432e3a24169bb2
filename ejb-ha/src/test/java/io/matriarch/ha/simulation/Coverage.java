package io.matriarch.ha.simulation;

import io.matriarch.ha.decide.Rule;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Which rules were followed, how often, over many runs. */
final class Coverage {
    private final Map<Rule, Long> fired = new EnumMap<>(Rule.class);

    void fired(Rule rule) {
        fired.merge(rule, 1L, Long::sum);
    }

    void add(Coverage other) {
        other.fired.forEach((rule, n) -> fired.merge(rule, n, Long::sum));
    }

    Set<Rule> never() {
        var rules = EnumSet.allOf(Rule.class);
        rules.removeAll(fired.keySet());
        return rules;
    }

    Map<Rule, Long> counts() {
        return fired;
    }
}
