package io.matriarch.ha.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which PostgreSQL settings the agent owns. A mixed cluster needs the same table on all members: a replica whose
 * {@code max_connections} is smaller than the primary's does not start.
 */
final class Gucs {

    /** How a value is checked. */
    enum Form {
        WHOLE,
        FLAG,
        WAL_LEVEL,
        MEGABYTES
    }

    /**
     * A setting that only the dynamic configuration can change.
     *
     * @param otherwise used when nothing valid is stored
     * @param least smallest number
     */
    record Owned(Form form, String otherwise, long least) {

        /** The value in PostgreSQL's spelling; empty if it is not acceptable. */
        Optional<String> accept(String value) {
            return switch (form) {
                case WHOLE -> atLeast(value, "").map(number -> Long.toString(number));
                case MEGABYTES ->
                    atLeast(value, "MB").map(number -> value.strip().matches("[0-9]+") ? number + "MB" : value.strip());
                case FLAG -> Units.flag(value).map(flag -> flag ? "on" : "off");
                case WAL_LEVEL ->
                    switch (value.strip().toLowerCase(Locale.ROOT)) {
                        case "replica", "hot_standby" -> Optional.of("replica");
                        case "logical" -> Optional.of("logical");
                        default -> Optional.empty();
                    };
            };
        }

        private Optional<Long> atLeast(String value, String unit) {
            var number = Units.whole(value, unit);
            return number.isPresent() && number.getAsLong() >= least
                    ? Optional.of(number.getAsLong())
                    : Optional.empty();
        }

        String allowed() {
            return switch (form) {
                case WHOLE -> "a whole number of at least " + least;
                case MEGABYTES -> "at least " + least + "MB";
                case FLAG -> "on or off";
                case WAL_LEVEL -> "replica or logical";
            };
        }
    }

    /** Passed on the postmaster's command line, where neither ALTER SYSTEM nor a file can change them. */
    static final Map<String, Owned> COMMAND_LINE = commandLine();

    /** Set by the agent from other values; nobody can set them. */
    static final Set<String> FIXED = Set.of("listen_addresses", "port", "cluster_name", "hot_standby");

    /** Where the agent itself puts files. */
    static final Set<String> PLACES = Set.of("data_directory", "config_file");

    /** Settings of recovery that the user may choose; they belong into the recovery part of the file. */
    static final Set<String> RECOVERY = Set.of(
            "restore_command",
            "archive_cleanup_command",
            "recovery_end_command",
            "recovery_min_apply_delay",
            "promote_trigger_file",
            "trigger_file");

    static final String WAL_KEEP_SIZE = "wal_keep_size";
    static final String WAL_KEEP_SEGMENTS = "wal_keep_segments";
    static final Owned KEEP_SIZE = new Owned(Form.MEGABYTES, "128MB", 16);
    static final Owned KEEP_SEGMENTS = new Owned(Form.WHOLE, "8", 1);

    /** A standby must not have less of these than the primary had: they start with the larger of configured and stored. */
    static final Set<String> NEVER_BELOW_CONTROL_FILE = Set.of(
            "max_connections",
            "max_prepared_transactions",
            "max_locks_per_transaction",
            "max_worker_processes",
            "max_wal_senders");

    private Gucs() {}

    private static Map<String, Owned> commandLine() {
        Map<String, Owned> owned = new LinkedHashMap<>();
        owned.put("wal_level", new Owned(Form.WAL_LEVEL, "replica", 0));
        owned.put("max_connections", new Owned(Form.WHOLE, "100", 25));
        owned.put("max_wal_senders", new Owned(Form.WHOLE, "10", 3));
        owned.put("max_prepared_transactions", new Owned(Form.WHOLE, "0", 0));
        owned.put("max_locks_per_transaction", new Owned(Form.WHOLE, "64", 32));
        owned.put("max_replication_slots", new Owned(Form.WHOLE, "10", 4));
        owned.put("max_worker_processes", new Owned(Form.WHOLE, "8", 2));
        owned.put("track_commit_timestamp", new Owned(Form.FLAG, "off", 0));
        owned.put("wal_log_hints", new Owned(Form.FLAG, "on", 0));
        return Collections.unmodifiableMap(owned);
    }

    /** True if the member's own file cannot set {@code name}. */
    static boolean isOwned(String name) {
        return COMMAND_LINE.containsKey(name)
                || FIXED.contains(name)
                || PLACES.contains(name)
                || name.equals(WAL_KEEP_SIZE)
                || name.equals(WAL_KEEP_SEGMENTS);
    }
}
