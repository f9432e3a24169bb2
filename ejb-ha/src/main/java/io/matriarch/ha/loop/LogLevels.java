package io.matriarch.ha.loop;

import io.matriarch.ha.config.LogConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Puts section {@code log} into force; the server's log manager stands behind {@code java.util.logging}. */
final class LogLevels {
    private static final String OURS = "io.matriarch";
    /** A logger that nobody holds forgets its level. */
    private static final Map<String, Logger> HELD = new HashMap<>();

    private LogLevels() {}

    /** Levels of loggers that an earlier configuration named, and this one does not, go back to their parents'. */
    static synchronized void apply(LogConfig config) {
        HELD.values().forEach(logger -> logger.setLevel(null));
        set(OURS, config.level());
        config.loggers().forEach(LogLevels::set);
    }

    private static void set(String name, String level) {
        HELD.computeIfAbsent(name, Logger::getLogger).setLevel(level(level));
    }

    /** Patroni's words. */
    static Level level(String word) {
        return switch (word.toUpperCase(java.util.Locale.ROOT)) {
            case "DEBUG" -> Level.FINE;
            case "WARNING", "WARN" -> Level.WARNING;
            case "ERROR", "CRITICAL", "FATAL" -> Level.SEVERE;
            default -> Level.INFO;
        };
    }
}
