package io.matriarch.ha.health;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Answer of one health question.
 *
 * @param name name of the check as it appears in the endpoint's JSON
 * @param up whether the check passes; a failing one turns the endpoint into 503
 * @param data evidence in a stable order, for people
 */
public record HealthVerdict(String name, boolean up, Map<String, String> data) {

    public HealthVerdict {
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    }

    /** MicroProfile's word for the outcome. */
    public String status() {
        return up ? "UP" : "DOWN";
    }
}
