package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.config.SlotSettings;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Keeps the physical slots of the members. A slot is ours when its name was once wanted here; those names are kept in a file of the state
 * directory. A foreign slot is never dropped: somebody's consumer would lose WAL. A slot in use is never dropped either.
 */
final class SlotKeeper {
    private static final Logger LOG = Logger.getLogger(SlotKeeper.class);

    private final Path memory;

    SlotKeeper(Path stateDir) {
        this.memory = stateDir.resolve("slots");
    }

    private record Slot(
            String name,
            String type,
            boolean active,
            Optional<Lsn> restart,
            Optional<String> database,
            Optional<String> plugin) {}

    /**
     * Makes the slots what they should be; one that fails does not keep the others from it.
     *
     * @param advanceTo positions for inactive slots by name; never backwards, never past what is here
     */
    void sync(Connection connection, SlotSettings settings, Set<String> wanted, Map<String, Lsn> advanceTo)
            throws SQLException, PostgresException {
        Map<String, Slot> present = present(connection);
        Set<String> ours = remembered();
        if (ours.addAll(wanted)) {
            // Before any is created: a name that is lost in a crash would be a foreign slot afterwards, for ever.
            remember(ours);
        }
        List<String> troubles = new ArrayList<>();
        for (String name : wanted) {
            Slot slot = present.get(name);
            if (slot == null) {
                if (!settings.permanent().containsKey(name)) {
                    attempt(troubles, "create slot " + name, () -> create(connection, name));
                }
            } else if (!slot.type().equals("physical")) {
                troubles.add("slot " + name + " exists as a " + slot.type() + " slot");
            } else if (!slot.active() && advanceTo.containsKey(name)) {
                advance(connection, slot, advanceTo.get(name), troubles);
            }
        }
        createPermanent(connection, settings, present, troubles);
        for (Slot slot : present.values()) {
            boolean droppable = ours.contains(slot.name())
                    && !wanted.contains(slot.name())
                    && slot.type().equals("physical");
            boolean protectedByConfig = settings.permanent().containsKey(slot.name())
                    || settings.ignored().stream()
                            .anyMatch(match -> match.matches(slot.name(), slot.type(), slot.database(), slot.plugin()));
            if (droppable && !protectedByConfig && !slot.active()) {
                attempt(troubles, "drop slot " + slot.name(), () -> drop(connection, slot.name()));
            }
        }
        forgetGone(connection, ours, wanted);
        if (!troubles.isEmpty()) {
            throw new PostgresException("replication slots: " + String.join("; ", troubles));
        }
    }

    /** The physical slots that the dynamic configuration names; on a primary. */
    void syncPermanent(Connection connection, SlotSettings settings) throws SQLException, PostgresException {
        List<String> troubles = new ArrayList<>();
        createPermanent(connection, settings, present(connection), troubles);
        if (!troubles.isEmpty()) {
            throw new PostgresException("replication slots: " + String.join("; ", troubles));
        }
    }

    private static void createPermanent(
            Connection connection, SlotSettings settings, Map<String, Slot> present, List<String> troubles) {
        settings.permanent().forEach((name, slot) -> {
            if (slot.type() == SlotSettings.Type.PHYSICAL && !present.containsKey(name)) {
                attempt(troubles, "create slot " + name, () -> create(connection, name));
            }
        });
    }

    private static Map<String, Slot> present(Connection connection) throws SQLException {
        Map<String, Slot> slots = new HashMap<>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "select slot_name, slot_type, active, restart_lsn::text, database, plugin"
                                + " from pg_replication_slots where not temporary")) {
            while (rows.next()) {
                slots.put(
                        rows.getString(1),
                        new Slot(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getBoolean(3),
                                Optional.ofNullable(rows.getString(4)).map(Lsn::parse),
                                Optional.ofNullable(rows.getString(5)),
                                Optional.ofNullable(rows.getString(6))));
            }
        }
        return slots;
    }

    /** With WAL reserved at once: a replica that is being cloned will need what is written meanwhile. */
    private static void create(Connection connection, String name) throws SQLException {
        call(connection, "select pg_create_physical_replication_slot(?, true)", name);
        LOG.infof("created the replication slot %s", name);
    }

    private static void drop(Connection connection, String name) throws SQLException {
        call(connection, "select pg_drop_replication_slot(?)", name);
        LOG.infof("dropped the replication slot %s: nobody needs it any more", name);
    }

    private static void advance(Connection connection, Slot slot, Lsn to, List<String> troubles) {
        if (slot.restart().filter(restart -> restart.isAtLeast(to)).isPresent()) {
            return;
        }
        if (slot.restart().isEmpty()) {
            // A slot that never reserved WAL, or lost it, cannot be advanced; a new one reserves from now on.
            attempt(troubles, "renew slot " + slot.name(), () -> {
                drop(connection, slot.name());
                create(connection, slot.name());
            });
            return;
        }
        attempt(troubles, "advance slot " + slot.name(), () -> {
            try (var statement = connection.prepareStatement(
                    "select pg_replication_slot_advance(?, least(?::pg_lsn,"
                            + " case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end))")) {
                statement.setString(1, slot.name());
                statement.setString(2, to.toString());
                statement.execute();
            }
        });
    }

    private static void call(Connection connection, String sql, String name) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            statement.execute();
        }
    }

    private interface Step {
        void run() throws SQLException;
    }

    private static void attempt(List<String> troubles, String what, Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            troubles.add(what + ": " + e.getMessage());
        }
    }

    /** Names whose slot is gone and that nobody wants need not be remembered. */
    private void forgetGone(Connection connection, Set<String> ours, Set<String> wanted)
            throws SQLException, PostgresException {
        Set<String> left = present(connection).keySet();
        if (ours.removeIf(name -> !wanted.contains(name) && !left.contains(name))) {
            remember(ours);
        }
    }

    private Set<String> remembered() throws PostgresException {
        try {
            return DurableFiles.read(memory)
                    .orElse("")
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new PostgresException("could not read " + memory, e);
        }
    }

    private void remember(Set<String> names) throws PostgresException {
        try {
            DurableFiles.write(memory, names.stream().map(name -> name + "\n").collect(Collectors.joining()));
        } catch (IOException e) {
            throw new PostgresException("could not write " + memory, e);
        }
    }
}
