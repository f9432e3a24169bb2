package io.matriarch.ha.config;

import io.matriarch.ha.model.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * PostgreSQL's settings after the dynamic configuration and the member's file were brought together.
 *
 * @param commandLine for the postmaster's command line, in a fixed order
 * @param file for {@code postgresql.conf}
 * @param recovery for the recovery part of that file, as far as the user chooses it
 * @param notes what was discarded or corrected
 */
public record EffectiveParameters(
        Map<String, String> commandLine, Map<String, String> file, Map<String, String> recovery, List<Note> notes) {

    /** Says what a replica follows: written by the agent while it runs, never taken from the user. */
    public static final Set<String> OWNED_RECOVERY = Set.of(
            "primary_conninfo",
            "primary_slot_name",
            "recovery_target",
            "recovery_target_action",
            "recovery_target_inclusive",
            "recovery_target_lsn",
            "recovery_target_name",
            "recovery_target_time",
            "recovery_target_timeline",
            "recovery_target_xid",
            "standby_mode");

    private static final int WAL_KEEP_SIZE_SINCE = 13;
    private static final int SEGMENT_MEGABYTES = 16;

    public EffectiveParameters {
        commandLine = Collections.unmodifiableMap(new LinkedHashMap<>(commandLine));
        file = Collections.unmodifiableMap(new LinkedHashMap<>(file));
        recovery = Collections.unmodifiableMap(new LinkedHashMap<>(recovery));
        notes = List.copyOf(notes);
    }

    /**
     * Brings settings together. The file wins over the dynamic configuration, except for the settings that the agent owns.
     *
     * @param dynamic {@code postgresql.parameters} of the dynamic configuration
     * @param local the same of the member's file
     * @param recoveryConf effective {@code postgresql.recovery_conf}
     * @param majorVersion of the PostgreSQL that will run, for example 15
     */
    public static EffectiveParameters of(
            Map<String, String> dynamic,
            Map<String, String> local,
            Map<String, String> recoveryConf,
            ListenAddress listen,
            Scope scope,
            int majorVersion) {
        return new Builder(dynamic, local, recoveryConf).build(listen, scope, majorVersion);
    }

    /**
     * What a standby must start with: no less than the primary had, or PostgreSQL refuses.
     *
     * @param controlFile settings of the data directory's control file, by setting name
     */
    public EffectiveParameters notBelow(Map<String, Long> controlFile) {
        Map<String, String> raised = new LinkedHashMap<>(commandLine);
        List<String> larger = raisedBy(controlFile);
        controlFile.forEach((name, stored) -> {
            if (larger.contains(name)) {
                raised.put(name, stored.toString());
            }
        });
        return new EffectiveParameters(raised, file, recovery, notes);
    }

    /** The settings whose stored value is larger than the configured one: a restart is pending once the primary has less. */
    public List<String> raisedBy(Map<String, Long> controlFile) {
        List<String> names = new ArrayList<>();
        commandLine.forEach((name, value) -> {
            Long stored = controlFile.get(name);
            if (Gucs.NEVER_BELOW_CONTROL_FILE.contains(name) && stored != null && stored > Long.parseLong(value)) {
                names.add(name);
            }
        });
        return names;
    }

    private static final class Builder {

        private final Map<String, String> dynamic;
        private final Map<String, String> local;
        private final Map<String, String> recoveryConf;
        private final List<Note> notes = new ArrayList<>();

        Builder(Map<String, String> dynamic, Map<String, String> local, Map<String, String> recoveryConf) {
            this.dynamic = writable("postgresql.parameters", dynamic);
            this.local = writable("postgresql.parameters", local);
            this.recoveryConf = writable("postgresql.recovery_conf", recoveryConf);
        }

        /**
         * By names in lower case, without those that no configuration file can hold. A line break at the end is what YAML's block style
         * leaves there and means nothing.
         */
        private Map<String, String> writable(String section, Map<String, String> settings) {
            Map<String, String> lower = new LinkedHashMap<>();
            settings.forEach((name, value) -> {
                String line = value.stripTrailing();
                if (line.chars().anyMatch(c -> c == '\n' || c == '\r' || c == 0)) {
                    discard(section + "." + name, value, "a value is one line");
                } else {
                    lower.put(name.toLowerCase(Locale.ROOT), line);
                }
            });
            return lower;
        }

        EffectiveParameters build(ListenAddress listen, Scope scope, int majorVersion) {
            Map<String, String> commandLine = new LinkedHashMap<>();
            commandLine.put("listen_addresses", String.join(",", listen.hosts()));
            commandLine.put("port", Integer.toString(listen.port()));
            commandLine.put("cluster_name", scope.name());
            commandLine.put("hot_standby", "on");
            Gucs.COMMAND_LINE.forEach((name, owned) -> commandLine.put(name, owned(name, owned)));
            Map<String, String> file = new LinkedHashMap<>();
            Map<String, String> recovery = new LinkedHashMap<>();
            dynamic.forEach((name, value) -> sort("dynamic", name, value, file, recovery));
            local.forEach((name, value) -> sort("local", name, value, file, recovery));
            keepWal(file, majorVersion);
            recoveryConf.forEach((name, value) -> {
                if (OWNED_RECOVERY.contains(name)) {
                    discard("postgresql.recovery_conf." + name, value, "Matriarch sets it");
                } else {
                    recovery.put(name, value);
                }
            });
            return new EffectiveParameters(commandLine, file, recovery, notes);
        }

        private String owned(String name, Gucs.Owned owned) {
            String stored = dynamic.get(name);
            if (stored == null) {
                return owned.otherwise();
            }
            Optional<String> accepted = owned.accept(stored);
            if (accepted.isEmpty()) {
                notes.add(new Note(
                        "postgresql.parameters." + name, stored, owned.otherwise(), "allowed: " + owned.allowed()));
            }
            return accepted.orElse(owned.otherwise());
        }

        private void sort(
                String source, String name, String value, Map<String, String> file, Map<String, String> recovery) {
            String key = "postgresql.parameters." + name;
            if (Gucs.isOwned(name)) {
                boolean fixed = Gucs.FIXED.contains(name) || Gucs.PLACES.contains(name);
                if (fixed && !sameAsOurs(name, value)) {
                    discard(key, value, "Matriarch sets it");
                } else if (!fixed && source.equals("local")) {
                    discard(key, value, "all members need the same: change the dynamic configuration");
                }
            } else if (OWNED_RECOVERY.contains(name)) {
                discard(key, value, "Matriarch sets it");
            } else if (Gucs.RECOVERY.contains(name)) {
                recovery.put(name, value);
            } else {
                file.put(name, value);
            }
        }

        /** {@code hot_standby: on} stands in nearly every file; saying that it is discarded would only be noise. */
        private static boolean sameAsOurs(String name, String value) {
            return name.equals("hot_standby") && Units.flag(value).orElse(false);
        }

        private void discard(String key, String value, String why) {
            notes.add(new Note(key, value, "nothing of it", why));
        }

        /** Owned by the cluster as a whole, but reloadable: so it stands in the file. */
        private void keepWal(Map<String, String> file, int majorVersion) {
            if (majorVersion >= WAL_KEEP_SIZE_SINCE) {
                String otherwise = dynamic.containsKey(Gucs.WAL_KEEP_SEGMENTS)
                        ? Long.parseLong(owned(Gucs.WAL_KEEP_SEGMENTS, Gucs.KEEP_SEGMENTS)) * SEGMENT_MEGABYTES + "MB"
                        : Gucs.KEEP_SIZE.otherwise();
                file.put(
                        Gucs.WAL_KEEP_SIZE,
                        dynamic.containsKey(Gucs.WAL_KEEP_SIZE)
                                ? owned(Gucs.WAL_KEEP_SIZE, Gucs.KEEP_SIZE)
                                : otherwise);
            } else {
                String size = owned(Gucs.WAL_KEEP_SIZE, Gucs.KEEP_SIZE);
                long megabytes = Units.whole(size, "MB").orElse(128);
                file.put(
                        Gucs.WAL_KEEP_SEGMENTS,
                        dynamic.containsKey(Gucs.WAL_KEEP_SEGMENTS)
                                ? owned(Gucs.WAL_KEEP_SEGMENTS, Gucs.KEEP_SEGMENTS)
                                : Long.toString((megabytes + SEGMENT_MEGABYTES - 1) / SEGMENT_MEGABYTES));
            }
        }
    }
}
