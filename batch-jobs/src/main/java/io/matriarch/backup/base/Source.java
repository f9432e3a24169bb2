package io.matriarch.backup.base;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

/**
 * The PostgreSQL that a base backup is copied from.
 *
 * @param member its name in the cluster
 * @param host where it listens
 * @param database to log in to
 */
public record Source(String member, String host, int port, String database) {

    /** What libpq's programs are told; the password is in the file that {@code PGPASSFILE} names. */
    List<String> options(Login login) {
        return List.of("--host=" + host, "--port=" + port, "--username=" + login.user(), "--no-password");
    }

    /** A session for questions; none of them blocks for longer than {@code seconds}. */
    Connection connect(Login as, int seconds) throws SQLException {
        var login = new Properties();
        login.setProperty("user", as.user());
        login.setProperty("password", as.password());
        login.setProperty("ApplicationName", "matriarch base-backup");
        login.setProperty("connectTimeout", Integer.toString(seconds));
        login.setProperty("socketTimeout", Integer.toString(seconds));
        login.setProperty("tcpKeepAlive", "true");
        var address = host.contains(":") ? "[" + host + "]" : host;
        return DriverManager.getConnection("jdbc:postgresql://" + address + ":" + port + "/" + database, login);
    }
}
