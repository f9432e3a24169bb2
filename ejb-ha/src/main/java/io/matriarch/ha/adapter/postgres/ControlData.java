package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.port.PostgresException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What {@code pg_controldata} says about a data directory, by its own words. */
record ControlData(Map<String, String> entries) {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Map<String, String> SETTINGS = Map.of(
            "max_connections setting", "max_connections",
            "max_worker_processes setting", "max_worker_processes",
            "max_wal_senders setting", "max_wal_senders",
            "max_prepared_xacts setting", "max_prepared_transactions",
            "max_locks_per_xact setting", "max_locks_per_transaction");

    static ControlData read(PostgresTools tools, Path dataDir) throws PostgresException, InterruptedException {
        var result = tools.run("pg_controldata", java.util.List.of("-D", dataDir.toString()), LIMIT)
                .orThrow();
        Map<String, String> entries = new HashMap<>();
        result.output().lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                entries.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 1).strip());
            }
        });
        return new ControlData(Map.copyOf(entries));
    }

    SystemIdentifier systemIdentifier() throws PostgresException {
        String text = entries.getOrDefault("Database system identifier", "");
        if (!SystemIdentifier.isValid(text)) {
            throw new PostgresException("pg_controldata shows no system identifier");
        }
        return new SystemIdentifier(text);
    }

    /** For example {@code shut down in recovery}. */
    String state() {
        return entries.getOrDefault("Database cluster state", "");
    }

    boolean cleanlyStopped() {
        return state().equals("shut down") || state().equals("shut down in recovery");
    }

    long walSegmentBytes() throws PostgresException {
        return Optional.ofNullable(entries.get("Bytes per WAL segment"))
                .filter(text -> text.matches("[0-9]{1,12}"))
                .map(Long::parseLong)
                .orElseThrow(() -> new PostgresException("pg_controldata shows no size of WAL segments"));
    }

    /** The settings that a standby must not be below, by setting name. */
    Map<String, Long> settings() {
        Map<String, Long> settings = new HashMap<>();
        SETTINGS.forEach((entry, name) -> Optional.ofNullable(entries.get(entry))
                .filter(text -> text.matches("[0-9]{1,10}"))
                .ifPresent(text -> settings.put(name, Long.parseLong(text))));
        return settings;
    }
}
