package io.matriarch.backup.base;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What must be known of a server before it is copied.
 *
 * @param majorVersion for example 15
 * @param bytes all databases together: what an uncompressed copy takes, nearly
 * @param tablespaces besides the two that every cluster has
 * @param summaries of its WAL
 * @param elsewhere the configuration files that lie outside the data directory, by their plain name: no copy of the directory holds them
 */
record ServerFacts(
        SystemIdentifier system,
        Timeline timeline,
        int majorVersion,
        String version,
        long bytes,
        int tablespaces,
        Summaries summaries,
        Map<String, byte[]> elsewhere) {

    private static final int VERSION_UNIT = 10_000;
    private static final int SUMMARIES_SINCE = 17;
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

    private static final String SUMMARIES = """
            select current_setting('summarize_wal')::bool, tli, start_lsn, end_lsn
            from (select true) as one left join pg_available_wal_summaries() on true
            """;

    /** Asks; each answer is waited for as long as the connection's own time-out says. */
    static ServerFacts of(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FACTS)) {
            row.next();
            int majorVersion = row.getInt(3) / VERSION_UNIT;
            return new ServerFacts(
                    new SystemIdentifier(row.getString(1)),
                    new Timeline(row.getInt(2)),
                    majorVersion,
                    row.getString(4),
                    row.getLong(5),
                    row.getInt(6),
                    majorVersion < SUMMARIES_SINCE ? Summaries.none() : summaries(connection),
                    elsewhere(connection));
        }
    }

    private static Summaries summaries(Connection connection) throws SQLException {
        boolean on = false;
        var spans = new ArrayList<Summaries.Span>();
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SUMMARIES)) {
            while (row.next()) {
                on = row.getBoolean(1);
                if (row.getString(3) != null) {
                    spans.add(new Summaries.Span(
                            new Timeline(row.getInt(2)), Lsn.parse(row.getString(3)), Lsn.parse(row.getString(4))));
                }
            }
        }
        return new Summaries(on, spans);
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
