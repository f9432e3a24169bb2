package io.matriarch.tests.support;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One-off questions to a member's PostgreSQL. */
public final class Sql {
    private Sql() {}

    /** The first column of the first row as text. */
    public static String ask(Endpoint endpoint, String database, String query) throws SQLException {
        return list(endpoint, database, query).stream()
                .findFirst()
                .orElseThrow(() -> new SQLException("no row: " + query));
    }

    /** {@link #ask(Endpoint, String, String)} in the test database. */
    public static String ask(Endpoint endpoint, String query) throws SQLException {
        return ask(endpoint, Endpoint.DATABASE, query);
    }

    /** The first column of all rows as text. */
    public static List<String> list(Endpoint endpoint, String database, String query) throws SQLException {
        try (Connection connection = endpoint.connect(database, 30);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(Optional.ofNullable(rows.getString(1)).orElse(""));
            }
            return values;
        }
    }

    /** Runs statements. */
    public static void execute(Endpoint endpoint, String database, String statements) throws SQLException {
        try (Connection connection = endpoint.connect(database, 120);
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    /** {@link #execute(Endpoint, String, String)} in the test database. */
    public static void execute(Endpoint endpoint, String statements) throws SQLException {
        execute(endpoint, Endpoint.DATABASE, statements);
    }
}
