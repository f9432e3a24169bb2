package io.matriarch.backup.verify;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one verification found.
 *
 * @param reached the highest level that is proven
 * @param fault why no higher one is, where a check failed; one sentence
 * @param restore from the empty directory until it accepted connections: what a restore of this backup costs at least
 * @param whole how long all of it took
 * @param rows of each table, by {@code database.schema.table}
 * @param skipped checks that could not be made, and why; none of them was failed
 */
public record Verdict(
        Level reached,
        Optional<String> fault,
        Duration restore,
        Duration whole,
        Map<String, Long> rows,
        List<String> skipped) {

    public Verdict {
        rows = Map.copyOf(rows);
        skipped = List.copyOf(skipped);
    }

    /** Whether the backup counts towards retention. */
    public boolean counts() {
        return fault.isEmpty() && reached.compareTo(Level.STARTS) >= 0;
    }
}
