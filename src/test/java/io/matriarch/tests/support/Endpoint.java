package io.matriarch.tests.support;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Where clients reach one member's PostgreSQL. */
public record Endpoint(String member, String url) {
    /** The database that the tests write to. */
    public static final String DATABASE = "postgres";

    /** The superuser of every test cluster. */
    public static final String USER = "postgres";
    /** The password of {@link #USER}. */
    public static final String PASSWORD = "matriarch-test";

    static Endpoint tcp(String member, String address, int port) {
        return new Endpoint(member, "jdbc:postgresql://" + address + ":" + port + "/");
    }

    static Endpoint socket(String member, Path socket) {
        return new Endpoint(
                member,
                "jdbc:postgresql://localhost/?socketFactory=" + UnixSocketFactory.class.getName() + "&socketFactoryArg="
                        + socket);
    }

    /**
     * Opens a session that ends with an error when the server does not answer for {@code socketTimeoutSeconds}; 0
     * waits for
     * ever.
     */
    public Connection connect(String database, int socketTimeoutSeconds) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", PASSWORD);
        properties.setProperty("connectTimeout", "1");
        properties.setProperty("loginTimeout", "2");
        properties.setProperty("socketTimeout", Integer.toString(socketTimeoutSeconds));
        properties.setProperty("ApplicationName", "matriarch-test");
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        // The timeline is asked for with each row; a plan that changes after a promotion must not matter.
        properties.setProperty("preferQueryMode", "extended");
        return DriverManager.getConnection(url.replaceFirst("/(\\?|$)", "/" + database + "$1"), properties);
    }

    /** A session to the test database for one-off questions. */
    public Connection connect() throws SQLException {
        return connect(DATABASE, 10);
    }
}
