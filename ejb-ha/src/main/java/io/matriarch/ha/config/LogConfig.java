package io.matriarch.ha.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Section {@code log}.
 *
 * @param type {@code plain} or {@code json}
 * @param level {@code DEBUG}, {@code INFO}, {@code WARNING}, {@code ERROR} or {@code CRITICAL}
 * @param dir directory for log files; empty: standard output
 * @param mode octal permissions of the files
 * @param fileNum how many old files are kept
 * @param fileSizeBytes size at which a new file begins
 * @param loggers levels by logger name
 */
public record LogConfig(
        String type,
        String level,
        Optional<Path> dir,
        Optional<Integer> mode,
        int fileNum,
        long fileSizeBytes,
        Map<String, String> loggers) {

    public LogConfig {
        loggers = Map.copyOf(loggers);
    }
}
