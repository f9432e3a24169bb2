package io.matriarch.backup.heartbeat;

import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.Driver;

/** Writes the heartbeat row: a session for each beat, so that none is in the way of whoever counts or ends sessions. */
final class Pulse {
    private static final int SECONDS = 5;
    // A commit must wait for no standby, and nothing for a lock.
    private static final String OPTIONS = "-c search_path=pg_catalog -c synchronous_commit=local -c lock_timeout=1s"
            + " -c statement_timeout=4s -c default_transaction_read_only=off -c client_min_messages=error";
    private static final String CREATE = """
            create schema if not exists matriarch;
            create table matriarch.heartbeat (one boolean primary key default true check (one),
                at timestamptz not null, number bigint not null, lsn pg_lsn not null, timeline integer not null,
                period_seconds bigint not null, manager text not null);
            comment on table matriarch.heartbeat is 'written every few seconds by the elected manager of Matriarch, see matriarch.backup.heartbeat';
            """;
    private static final String BEAT = """
            insert into matriarch.heartbeat as h (at, number, lsn, timeline, period_seconds, manager)
            values (clock_timestamp(), 1, pg_current_wal_insert_lsn(), (select timeline_id from pg_control_checkpoint()), ?, ?)
            on conflict (one) do update set at = excluded.at, number = h.number + 1, lsn = excluded.lsn,
                timeline = excluded.timeline, period_seconds = excluded.period_seconds, manager = excluded.manager
            """;

    private final Login login;
    private final String manager;

    Pulse(Login login, String manager) {
        this.login = login;
        this.manager = manager;
    }

    /** What became of a beat. */
    enum Beat {
        WRITTEN,
        /** Whoever leads is no primary: nothing can be written. */
        NO_PRIMARY,
        /** A publication of all tables would send the row to subscribers that have no such table, and end their subscriptions. */
        PUBLISHED
    }

    /**
     * Writes it. Blocks for a few seconds at most.
     *
     * @throws SQLException if it could not be written; nothing follows from that for the cluster
     */
    Beat beat(Source leader, Duration period) throws SQLException {
        try (Connection session = open(leader);
                Statement ask = session.createStatement()) {
            if (says(ask, "select pg_is_in_recovery()")) {
                return Beat.NO_PRIMARY;
            }
            if (says(ask, "select exists (select from pg_publication where puballtables)")) {
                return Beat.PUBLISHED;
            }
            if (!says(ask, Heartbeat.IS_THERE)) {
                ask.execute(CREATE);
            } else if (!says(ask, Heartbeat.IS_OURS)) {
                throw new SQLException(Heartbeat.TABLE
                        + " is not the table that a manager made: it belongs to no superuser, or has triggers or"
                        + " rules. Nothing is written there; see who made it, and drop it");
            }
            try (var write = session.prepareStatement(BEAT)) {
                write.setLong(1, period.toSeconds());
                write.setString(2, manager);
                write.executeUpdate();
            }
            return Beat.WRITTEN;
        }
    }

    private static boolean says(Statement ask, String question) throws SQLException {
        try (var answer = ask.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    private Connection open(Source leader) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", login.user());
        properties.setProperty("password", login.password());
        properties.setProperty("ApplicationName", "matriarch heartbeat");
        properties.setProperty("connectTimeout", Integer.toString(SECONDS));
        properties.setProperty("loginTimeout", Integer.toString(SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SECONDS));
        properties.setProperty("options", OPTIONS);
        var host = leader.host().contains(":") ? "[" + leader.host() + "]" : leader.host();
        var connection = new Driver()
                .connect("jdbc:postgresql://" + host + ":" + leader.port() + "/" + leader.database(), properties);
        if (connection == null) {
            throw new SQLException("the driver refused the address " + host + ":" + leader.port());
        }
        return connection;
    }
}
