package io.matriarch.backup.history;

import io.matriarch.backup.history.RecordsServer.Nature;
import io.matriarch.ha.config.ConfigException;
import io.matriarch.ha.config.ConfigLoader;
import io.matriarch.ha.config.LocalConfig;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/**
 * Proves, before a manager's server starts, that the configured PostgreSQL may keep the records of its jobs, and makes it ready: {@code
 * RecordsServerTool CONFIGURATION PROPERTIES}. Writes how it is reached to the file PROPERTIES. Exit status: 0 it may; 2 wrong usage; 10 it
 * must not be used; 11 it cannot be known. Only 0 leaves a file.
 */
public final class RecordsServerTool {
    static final int USABLE = 0;
    static final int USAGE = 2;
    static final int REFUSED = 10;
    static final int UNKNOWN = 11;
    private static final String NATURE = "select (select system_identifier from pg_control_system())::text,"
            + " current_setting('cluster_name'), pg_is_in_recovery()";

    private final PrintStream err;
    private final ConfigLoader loader;

    RecordsServerTool(PrintStream err, ConfigLoader loader) {
        this.err = err;
        this.loader = loader;
    }

    /** Ends the process with the exit status. */
    public static void main(String[] args) {
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(new RecordsServerTool(err, ConfigLoader.ofProcess()).run(List.of(args)));
    }

    int run(List<String> args) {
        if (args.size() != 2) {
            err.println("usage: RecordsServerTool CONFIGURATION PROPERTIES");
            return USAGE;
        }
        try {
            var config = loader.load(Path.of(args.getFirst())).config();
            var store = config.matriarch().jobs();
            if (store.isEmpty()) {
                err.println("matriarch.jobs.repository names no PostgreSQL");
                return USAGE;
            }
            return prove(config, RecordsServer.of(config, store.get()), Path.of(args.getLast()));
        } catch (ConfigException e) {
            e.problems().forEach(err::println);
            return USAGE;
        }
    }

    private int prove(LocalConfig config, RecordsServer server, Path properties) {
        try (var connection = DriverManager.getConnection(server.url(), server.properties(""))) {
            var refusal =
                    RecordsServer.refusal(nature(connection), config.scope().name(), own(config));
            if (refusal.isPresent()) {
                err.println(server + " must not keep the records of jobs: " + refusal.get());
                return REFUSED;
            }
            try (var statement = connection.createStatement()) {
                statement.execute("create schema if not exists " + server.schema());
                proveWritable(connection, statement, server.schema());
            }
            write(server, properties);
            return USABLE;
        } catch (SQLException | IOException e) {
            err.println(server + " cannot be used for the records of jobs now: " + e.getMessage());
            return UNKNOWN;
        }
    }

    /** The batch runtime creates tables and writes: what it may not, it would fail on while the server boots. */
    private static void proveWritable(Connection connection, Statement statement, String schema) throws SQLException {
        connection.setAutoCommit(false);
        statement.execute("create table " + schema + ".matriarch_proof (n int)");
        statement.execute("insert into " + schema + ".matriarch_proof values (1)");
        connection.rollback();
    }

    private static Nature nature(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(NATURE)) {
            row.next();
            return new Nature(String.valueOf(row.getString(1)), String.valueOf(row.getString(2)), row.getBoolean(3));
        }
    }

    /** The first eight bytes of the control file; a machine that has no data yet cannot be what is connected to. */
    private static Optional<String> own(LocalConfig config) throws IOException {
        var control = config.postgresql().map(pg -> pg.dataDir().resolve("global/pg_control"));
        if (control.filter(Files::exists).isEmpty()) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(control.get())) {
            var head = ByteBuffer.wrap(in.readNBytes(Long.BYTES)).order(ByteOrder.nativeOrder());
            return head.remaining() < Long.BYTES
                    ? Optional.empty()
                    : Optional.of(Long.toUnsignedString(head.getLong()));
        }
    }

    private static void write(RecordsServer server, Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newOutputStream(file)) {
            server.properties("matriarch.jobs.").store(out, null);
        }
    }
}
