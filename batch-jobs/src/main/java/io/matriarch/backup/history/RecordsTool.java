package io.matriarch.backup.history;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says whether the file with the records of jobs can be used, before the server begins to: {@code RecordsTool FILE}, the file without its {@code
 * .mv.db}. All of it is read. Exit status: 0 it can; 1 it is damaged; 2 wrong usage; 3 another process has it open.
 */
public final class RecordsTool {
    static final int USABLE = 0;
    static final int DAMAGED = 1;
    static final int USAGE = 2;
    static final int IN_USE = 3;
    private static final int ALREADY_OPEN = 90020;

    private final PrintStream err;

    RecordsTool(PrintStream err) {
        this.err = err;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(new RecordsTool(err).run(List.of(args)));
    }

    int run(List<String> args) {
        if (args.size() != 1) {
            err.println("usage: RecordsTool FILE (without .mv.db)");
            return USAGE;
        }
        try (var connection = DriverManager.getConnection("jdbc:h2:file:" + args.getFirst() + ";IFEXISTS=TRUE")) {
            for (String table : tables(connection)) {
                readAll(connection, table);
            }
            return USABLE;
        } catch (SQLException e) {
            err.println(e.getMessage());
            return e.getErrorCode() == ALREADY_OPEN ? IN_USE : DAMAGED;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // What a database does that believes its own broken lengths and links.
            err.println(e);
            return DAMAGED;
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        var tables = new ArrayList<String>();
        try (var rows = connection.getMetaData().getTables(null, "PUBLIC", "%", new String[] {"BASE TABLE"})) {
            while (rows.next()) {
                tables.add(rows.getString("TABLE_NAME"));
            }
        }
        return tables;
    }

    private static void readAll(Connection connection, String table) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("select * from \"" + table + "\"")) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                for (int i = 1; i <= columns; i++) {
                    read(rows.getObject(i));
                }
            }
        }
    }

    private static void read(@Nullable Object value) throws SQLException {
        if (value instanceof Blob large) {
            try (InputStream in = large.getBinaryStream()) {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                throw new SQLException("a large value cannot be read: " + e.getMessage(), e);
            }
        }
    }
}
