package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.WalSenderFacts;
import io.matriarch.ha.port.PostgresProbe.PendingRestart;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One superuser session that is kept between looks and asks everything in one prepared statement. It is idle and outside a transaction
 * between looks: it holds no snapshot, and a fast shutdown ends it. Not thread safe.
 */
final class HeldSession {
    /**
     * One statement, rows of several kinds: one round trip, one snapshot. The settings are looked through only when the configuration was
     * loaded since they were last seen, for that costs more than all the rest.
     */
    private static final String QUERY = """
            SELECT 'self', pg_is_in_recovery()::text,
                   CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
                   CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn()::text END,
                   pg_last_wal_receive_lsn()::text, pg_last_wal_replay_lsn()::text,
                   CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused()::text END,
                   extract(epoch FROM pg_postmaster_start_time())::text,
                   extract(epoch FROM pg_last_xact_replay_timestamp())::text,
                   current_setting('server_version_num'), current_setting('synchronous_standby_names'),
                   current_setting('restore_command', true), pg_conf_load_time()::text
            UNION ALL
            SELECT 'receiver', status, received_tli::text, latest_end_lsn::text,
                   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
              FROM pg_stat_get_wal_receiver() WHERE pid IS NOT NULL
            UNION ALL
            SELECT 'sender', application_name, usename::text, host(client_addr), state, sync_state, sync_priority::text,
                   flush_lsn::text, replay_lsn::text, NULL, NULL, NULL, NULL
              FROM pg_stat_replication
            UNION ALL
            SELECT 'slot', slot_name::text, coalesce(confirmed_flush_lsn, restart_lsn)::text,
                   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
              FROM pg_replication_slots WHERE NOT temporary
            UNION ALL
            SELECT 'pending', name, current_setting(name), boot_val, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
              FROM pg_settings WHERE pending_restart AND pg_conf_load_time()::text IS DISTINCT FROM $1
            """.replace("$1", "?");

    private static final String WANTED =
            "SELECT name, setting FROM pg_file_settings WHERE name = ANY (?) ORDER BY seqno";

    private final Connection connection;
    private final PreparedStatement statement;
    private String settingsSeenAt = "";
    private Map<String, PendingRestart> pending = Map.of();

    private HeldSession(Connection connection, PreparedStatement statement) {
        this.connection = connection;
        this.statement = statement;
    }

    static HeldSession open(PgConnections connections, Duration bound) throws SQLException {
        var connection = connections.local(new PgConnections.Session("matriarch", bound, bound));
        try {
            try (var set = connection.createStatement()) {
                // Without it the server would plan anew at each look, as long as that seems to pay.
                set.execute("SET plan_cache_mode = force_generic_plan");
            }
            var statement = connection.prepareStatement(QUERY);
            statement.unwrap(org.postgresql.PGStatement.class).setPrepareThreshold(1);
            return new HeldSession(connection, statement);
        } catch (SQLException | RuntimeException e) {
            connection.abort(Runnable::run);
            throw e;
        }
    }

    /**
     * What the server said.
     *
     * @param timeline primary only
     * @param receiver replica only, while its WAL receiver lives
     */
    record Answer(
            boolean inRecovery,
            Optional<Timeline> timeline,
            Optional<Lsn> flushed,
            Optional<Lsn> received,
            Optional<Lsn> replayed,
            boolean replayPaused,
            Optional<Instant> startedAt,
            Optional<Instant> replayedAt,
            int serverVersion,
            String standbyNames,
            boolean restoresFromArchive,
            Optional<Receiver> receiver,
            List<WalSenderFacts> senders,
            Map<String, Lsn> slots,
            Map<String, PendingRestart> pending) {

        ReplicationState replicationState() {
            if (!inRecovery) {
                return ReplicationState.NONE;
            }
            if (receiver.filter(r -> r.status().equals("streaming")).isPresent()) {
                return ReplicationState.STREAMING;
            }
            return restoresFromArchive ? ReplicationState.IN_ARCHIVE_RECOVERY : ReplicationState.NONE;
        }
    }

    record Receiver(String status, Optional<Timeline> timeline, Optional<Lsn> leaderEnd) {}

    /** Asks once. Blocks at most {@code bound}; after any exception the session is to be closed. */
    Answer ask(Duration bound) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(Math.max(1, bound.toMillis())));
        statement.setString(1, settingsSeenAt);
        var rows = new Rows();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                rows.take(result);
            }
        }
        if (!rows.settingsSeenAt.equals(settingsSeenAt)) {
            pending = rows.pending.isEmpty() ? Map.of() : withWantedValues(rows.pending);
            settingsSeenAt = rows.settingsSeenAt;
        }
        return rows.answer(pending);
    }

    /** What the files say instead of the built-in value; a setting that was removed from them goes back to that. */
    private Map<String, PendingRestart> withWantedValues(Map<String, PendingRestart> found) throws SQLException {
        var wanted = new TreeMap<>(found);
        try (var query = connection.prepareStatement(WANTED)) {
            query.setArray(1, connection.createArrayOf("text", found.keySet().toArray()));
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    String value = result.getString(2);
                    wanted.computeIfPresent(
                            result.getString(1),
                            (name, old) -> new PendingRestart(old.oldValue(), value == null ? "" : value));
                }
            }
        }
        return Map.copyOf(wanted);
    }

    /** Drops the socket at once; waits for nobody. */
    void close() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is closed either way.
        }
    }

    /** Collects rows of all kinds. */
    private static final class Rows {
        private Optional<Answer> self = Optional.empty();
        private Optional<Receiver> receiver = Optional.empty();
        private final List<WalSenderFacts> senders = new ArrayList<>();
        private final Map<String, Lsn> slots = new TreeMap<>();
        private final Map<String, PendingRestart> pending = new TreeMap<>();
        private String settingsSeenAt = "";

        void take(ResultSet row) throws SQLException {
            switch (text(row, 1)) {
                case "self" -> takeSelf(row);
                case "receiver" ->
                    receiver = Optional.of(new Receiver(text(row, 2), timeline(row.getString(3), 10), lsn(row, 4)));
                case "sender" ->
                    senders.add(new WalSenderFacts(
                            text(row, 2),
                            text(row, 3),
                            Optional.ofNullable(row.getString(4)),
                            text(row, 5),
                            text(row, 6),
                            Integer.parseInt(text(row, 7).isEmpty() ? "0" : text(row, 7)),
                            lsn(row, 8),
                            lsn(row, 9)));
                case "slot" -> slots.put(text(row, 2), lsn(row, 3).orElse(Lsn.ZERO));
                case "pending" -> pending.put(text(row, 2), new PendingRestart(text(row, 3), text(row, 4)));
                default -> throw new SQLException("a row of unknown kind: " + text(row, 1));
            }
        }

        private void takeSelf(ResultSet row) throws SQLException {
            settingsSeenAt = text(row, 13);
            self = Optional.of(new Answer(
                    text(row, 2).equals("true"),
                    timeline(row.getString(3), 16),
                    lsn(row, 4),
                    lsn(row, 5),
                    lsn(row, 6),
                    text(row, 7).equals("true"),
                    instant(row.getString(8)),
                    instant(row.getString(9)),
                    Integer.parseInt(text(row, 10)),
                    text(row, 11),
                    !text(row, 12).isBlank(),
                    Optional.empty(),
                    List.of(),
                    Map.of(),
                    Map.of()));
        }

        Answer answer(Map<String, PendingRestart> pendingNow) throws SQLException {
            Answer a = self.orElseThrow(() -> new SQLException("no row about the server itself"));
            return new Answer(
                    a.inRecovery(),
                    a.timeline(),
                    a.flushed(),
                    a.received(),
                    a.replayed(),
                    a.replayPaused(),
                    a.startedAt(),
                    a.replayedAt(),
                    a.serverVersion(),
                    a.standbyNames(),
                    a.restoresFromArchive(),
                    receiver,
                    List.copyOf(senders),
                    java.util.Collections.unmodifiableMap(slots),
                    pendingNow);
        }

        private static String text(ResultSet row, int column) throws SQLException {
            String value = row.getString(column);
            return value == null ? "" : value;
        }

        private static Optional<Lsn> lsn(ResultSet row, int column) throws SQLException {
            String value = row.getString(column);
            return value == null ? Optional.empty() : Optional.of(Lsn.parse(value));
        }

        private static Optional<Timeline> timeline(@Nullable String value, int radix) {
            int id = value == null || value.isEmpty() ? 0 : Integer.parseInt(value, radix);
            return id == 0 ? Optional.empty() : Optional.of(new Timeline(id));
        }

        private static Optional<Instant> instant(@Nullable String epochSeconds) {
            if (epochSeconds == null) {
                return Optional.empty();
            }
            var seconds = new BigDecimal(epochSeconds);
            long whole = seconds.longValue();
            long nanos = seconds.subtract(BigDecimal.valueOf(whole))
                    .movePointRight(9)
                    .longValue();
            return Optional.of(Instant.ofEpochSecond(whole, nanos));
        }
    }
}
