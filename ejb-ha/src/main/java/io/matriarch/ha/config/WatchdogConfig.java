package io.matriarch.ha.config;

import java.nio.file.Path;

/**
 * Section {@code watchdog}: the kernel's watchdog device, in addition to the fence.
 *
 * @param mode whether it is used, and whether a leader must have it
 * @param device for example {@code /dev/watchdog}
 * @param safetyMarginSeconds it fires this long before the lease ends; -1 = ttl / 2
 */
public record WatchdogConfig(Mode mode, Path device, int safetyMarginSeconds) {

    /** How much it is wanted. */
    public enum Mode {
        OFF,
        AUTOMATIC,
        REQUIRED
    }
}
