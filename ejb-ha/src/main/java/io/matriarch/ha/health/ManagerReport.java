package io.matriarch.ha.health;

import java.util.List;
import java.util.Optional;

/**
 * What a manager knew at the end of one turn, as far as health is concerned.
 *
 * @param tickedAtNanos {@link System#nanoTime()} at its end
 * @param alone whether the machine has no other role: then an alarm makes it not ready
 * @param elected name of the elected manager; empty when nobody is, or nobody knows
 * @param alarms promises that are broken, one sentence each
 */
public record ManagerReport(long tickedAtNanos, boolean alone, Optional<String> elected, List<String> alarms) {
    public ManagerReport {
        alarms = List.copyOf(alarms);
    }
}
