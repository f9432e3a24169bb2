package io.matriarch.backup.base;

import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What must be known of a server before it is copied.
 *
 * @param majorVersion for example 15
 * @param bytes all databases together: what an uncompressed copy takes, nearly
 * @param tablespaces besides the two that every cluster has
 * @param elsewhere the configuration files that lie outside the data directory, by their plain name: no copy of the directory holds them
 */
record ServerFacts(
        SystemIdentifier system,
        Timeline timeline,
        int majorVersion,
        String version,
        long bytes,
        int tablespaces,
        Map<String, byte[]> elsewhere) {

    private static final int VERSION_UNIT = 10_000;
    private static final String FACTS = """
            select (select system_identifier from pg_control_system()),
                   (select timeline_id from pg_control_checkpoint()),
                   current_setting('server_version_num')::int,
                   current_setting('server_version'),
                   (select coalesce(sum(pg_tablespace_size(oid)), 0) from pg_tablespace)::bigint,
                   (select count(*) - 2 from pg_tablespace)::int
            """;
    private static final String ELSEWHERE = """
            select plain, pg_read_binary_file(place)
            from (values ('postgresql.conf', current_setting('config_file')),
                         ('pg_hba.conf', current_setting('hba_file')),
                         ('pg_ident.conf', current_setting('ident_file'))) as file(plain, place)
            where not starts_with(place, current_setting('data_directory') || '/')
            """;

    /** Asks; blocks for at most {@code seconds} an answer. */
    static ServerFacts of(Source source, Login login, int seconds) throws SQLException {
        try (var connection = source.connect(login, seconds)) {
            return ask(connection);
        }
    }

    private static ServerFacts ask(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FACTS)) {
            row.next();
            return new ServerFacts(
                    new SystemIdentifier(row.getString(1)),
                    new Timeline(row.getInt(2)),
                    row.getInt(3) / VERSION_UNIT,
                    row.getString(4),
                    row.getLong(5),
                    row.getInt(6),
                    elsewhere(connection));
        }
    }

    private static Map<String, byte[]> elsewhere(Connection connection) throws SQLException {
        var files = new LinkedHashMap<String, byte[]>();
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ELSEWHERE)) {
            while (row.next()) {
                var content = row.getBytes(2);
                files.put(row.getString(1), content == null ? "".getBytes(StandardCharsets.UTF_8) : content);
            }
        }
        return files;
    }
}
