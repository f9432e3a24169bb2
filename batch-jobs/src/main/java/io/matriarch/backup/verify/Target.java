package io.matriarch.backup.verify;

import java.time.Instant;
import java.util.Map;

/**
 * What a sandbox replays to, behind the end of the backup.
 *
 * @param settings of its recovery
 * @param least values of settings that it must not have less of
 */
record Target(Instant moment, String settings, Map<String, Long> least) {
    Target {
        least = Map.copyOf(least);
    }
}
