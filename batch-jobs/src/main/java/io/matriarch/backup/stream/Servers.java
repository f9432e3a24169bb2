package io.matriarch.backup.stream;

import io.matriarch.backup.base.Login;
import io.matriarch.backup.base.Source;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Opens sessions on members.
 *
 * @param superuser for questions and slots
 * @param replication for WAL
 */
public record Servers(Login superuser, Login replication) {
    /** {@code application_name} of the stream; the name of its slot too. */
    public static final String NAME = "matriarch_wal";

    private static final int CONNECT_SECONDS = 5;
    /** A message that has begun arrives within this time, or the connection is dead. */
    private static final int ANSWER_SECONDS = 30;

    /** A session for questions, each bounded in time. */
    Connection ask(Source source) throws SQLException {
        var login = login(superuser);
        login.setProperty("options", "-c search_path=pg_catalog -c statement_timeout=20s -c synchronous_commit=local");
        return open(source, source.database(), login);
    }

    /** A session that takes replication commands only. */
    Connection replicate(Source source) throws SQLException {
        var login = login(replication);
        login.setProperty("replication", "true");
        login.setProperty("preferQueryMode", "simple");
        login.setProperty("assumeMinServerVersion", "14");
        return open(source, "replication", login);
    }

    private static Properties login(Login as) {
        var login = new Properties();
        login.setProperty("user", as.user());
        login.setProperty("password", as.password());
        login.setProperty("ApplicationName", NAME);
        login.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
        login.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS));
        login.setProperty("socketTimeout", Integer.toString(ANSWER_SECONDS));
        login.setProperty("tcpKeepAlive", "true");
        return login;
    }

    private static Connection open(Source source, String database, Properties login) throws SQLException {
        var host = source.host().contains(":") ? "[" + source.host() + "]" : source.host();
        var connection =
                new Driver().connect("jdbc:postgresql://" + host + ":" + source.port() + "/" + database, login);
        if (connection == null) {
            throw new SQLException("the driver refused the address " + host + ":" + source.port());
        }
        return connection;
    }
}
