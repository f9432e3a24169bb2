package io.matriarch.backup.pace;

import java.util.Optional;

/**
 * What the users allow a copy.
 *
 * @param risePercent by how much the primary may answer later than before the copy
 * @param floor bytes a second that a copy gets whatever the primary says, so that it ends
 * @param ceiling bytes a second that it never exceeds
 */
public record Limits(int risePercent, long floor, Optional<Long> ceiling) {
    public Limits {
        if (risePercent < 1 || floor < 1) {
            throw new IllegalArgumentException("a rise of " + risePercent + " %, a floor of " + floor);
        }
        ceiling = ceiling.map(c -> Math.max(c, floor));
    }

    long within(long bytesPerSecond) {
        return Math.max(floor, ceiling.map(c -> Math.min(c, bytesPerSecond)).orElse(bytesPerSecond));
    }
}
