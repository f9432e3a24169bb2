package io.matriarch.ha.adapter.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Opens connections to the local PostgreSQL and to other members'. Passwords come from memory and never touch a command line, a file or
 * a URL. Every connection pins {@code search_path} (a superuser session must not run anybody's look-alike function), never waits for a
 * synchronous standby, and is bounded: connecting, each statement, and each read from the socket. Thread safe.
 */
public final class PgConnections {
    private static final Map<String, String> LIBPQ_TO_PGJDBC = Map.of(
            "sslmode", "sslmode",
            "sslcert", "sslcert",
            "sslkey", "sslkey",
            "sslrootcert", "sslrootcert",
            "sslpassword", "sslpassword",
            "gssencmode", "gssEncMode",
            "channel_binding", "channelBinding",
            "sslnegotiation", "sslNegotiation");

    private final Driver driver = new Driver();
    private final String localHost;
    private final int localPort;
    private final String database;
    private final PgLogin superuser;
    private final PgLogin replication;
    private final PgLogin rewind;

    /**
     * @param localHost where the local PostgreSQL can be reached from here: an address that it listens on
     * @param database of superuser connections
     */
    public PgConnections(
            String localHost, int localPort, String database, PgLogin superuser, PgLogin replication, PgLogin rewind) {
        this.localHost = localHost;
        this.localPort = localPort;
        this.database = database;
        this.superuser = superuser;
        this.replication = replication;
        this.rewind = rewind;
    }

    /** Superuser on the local PostgreSQL. */
    public Connection local(Session session) throws SQLException {
        return superuserAt(localHost, localPort, session);
    }

    /** Superuser on any member (the credentials are the cluster's). */
    public Connection superuserAt(String host, int port, Session session) throws SQLException {
        var properties = common(superuser, session);
        // Our look once a second must not fill a log that records every statement.
        properties.setProperty(
                "options", options(session) + " -c log_statement=none -c log_min_duration_statement=-1 -c jit=off");
        if (host.equals(localHost) && !superuser.libpq().containsKey("sslmode")) {
            properties.setProperty("sslmode", "allow");
        }
        return open(host, port, database, properties, session);
    }

    /** The rewind role on a leader: an ordinary session with few rights. */
    public Connection rewindAt(String host, int port, Session session) throws SQLException {
        var properties = common(rewind, session);
        properties.setProperty("options", options(session));
        return open(host, port, database, properties, session);
    }

    /** A physical replication connection: only replication commands, by the simple protocol. */
    public Connection replicationAt(String host, int port, Session session) throws SQLException {
        var properties = common(replication, session);
        properties.setProperty("replication", "true");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        properties.setProperty("options", "-c search_path=pg_catalog");
        return open(host, port, database, properties, session);
    }

    public PgLogin superuser() {
        return superuser;
    }

    public PgLogin replication() {
        return replication;
    }

    public PgLogin rewind() {
        return rewind;
    }

    public String localHost() {
        return localHost;
    }

    public int localPort() {
        return localPort;
    }

    public String database() {
        return database;
    }

    private static String options(Session session) {
        return "-c search_path=pg_catalog -c synchronous_commit=local -c idle_in_transaction_session_timeout=10s"
                + " -c statement_timeout=" + session.statementWithin().toMillis();
    }

    private static Properties common(PgLogin login, Session session) {
        var properties = new Properties();
        properties.setProperty("user", login.user());
        login.password().get().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", session.purpose());
        properties.setProperty(
                "loginTimeout", Double.toString(session.connectWithin().toMillis() / 1000.0));
        // Whole seconds: they only end what the log-in time-out has already given up on.
        String seconds = Long.toString(session.connectWithin().toSeconds() + 1);
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("cancelSignalTimeout", "1");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("gssEncMode", "disable");
        login.libpq().forEach((key, value) -> {
            String name = LIBPQ_TO_PGJDBC.get(key);
            if (name != null) {
                properties.setProperty(name, value);
            }
        });
        return properties;
    }

    private Connection open(String host, int port, String database, Properties properties, Session session)
            throws SQLException {
        String address = host.contains(":") ? "[" + host + "]" : host;
        // The URL's part after the slash may hold any character of a database name.
        String name = java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8);
        var connection = driver.connect("jdbc:postgresql://" + address + ":" + port + "/" + name, properties);
        if (connection == null) {
            throw new SQLException("the driver refused the address " + address + ":" + port);
        }
        try {
            // One second more than the server's own limit: then the server's answer, which names the cause, comes
            // first.
            long readMillis = session.statementWithin().isZero()
                    ? 0
                    : session.statementWithin().plusSeconds(1).toMillis();
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(readMillis));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /**
     * What a connection is for.
     *
     * @param purpose its {@code application_name}: people see it in {@code pg_stat_activity}
     * @param connectWithin bound of connecting and logging in; not zero
     * @param statementWithin bound of each statement; zero = none (a checkpoint may take long)
     */
    public record Session(String purpose, Duration connectWithin, Duration statementWithin) {
        public Session {
            if (connectWithin.isZero() || connectWithin.isNegative() || statementWithin.isNegative()) {
                throw new IllegalArgumentException(
                        "a connection is bounded: " + connectWithin + ", " + statementWithin);
            }
        }
    }
}
