package io.matriarch.tests.bench;

import io.matriarch.tests.support.Command;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/** On what the figures were measured. */
final class Machine {
    private Machine() {}

    /** The load average over the last minute. */
    static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
        } catch (IOException e) {
            throw new UncheckedIOException("no load average", e);
        }
    }

    /** Date, commit, processors, memory and versions in one sentence. */
    static String describe() {
        return "Measured %s at commit %s on %d processors (%s), %s, kernel %s, %s, %s, Java %s."
                .formatted(
                        LocalDate.now(ZoneOffset.UTC),
                        first("git", "-C", Workplace.checkout().toString(), "rev-parse", "--short", "HEAD"),
                        Runtime.getRuntime().availableProcessors(),
                        grep("/proc/cpuinfo", "model name"),
                        grep("/proc/meminfo", "MemTotal"),
                        first("uname", "-r"),
                        first(Workplace.postgresBin().resolve("postgres").toString(), "--version"),
                        first("etcd", "--version"),
                        System.getProperty("java.version"));
    }

    private static String first(String... command) {
        return Command.tryRun(List.of(command))
                .output()
                .lines()
                .findFirst()
                .orElse("unknown")
                .strip();
    }

    private static String grep(String file, String key) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip().replaceAll("\\s+", " "))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
