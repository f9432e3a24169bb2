package io.matriarch.tests.support;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The table that the writers fill, and what it holds afterwards. */
public final class AckTable {
    /** Writes one row and says on which timeline; says nothing, without an error, while the server is a replica. */
    static final String WRITE = "select acknowledge(?, ?)";

    private static final String CREATE = """
            create table if not exists acknowledged (
              writer integer not null, seq bigint not null, primary key (writer, seq));
            create or replace function acknowledge(w integer, s bigint) returns text language plpgsql as $$
            begin
              if pg_is_in_recovery() then
                return '';
              end if;
              insert into acknowledged values (w, s);
              return substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8);
            end $$;
            """;

    /** A row's key. */
    public record Row(int writer, long seq) {}

    private AckTable() {}

    /** Creates table and function on the primary. */
    public static void create(Endpoint primary) {
        try {
            Sql.execute(primary, CREATE);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create the writers' table on " + primary.member(), e);
        }
    }

    /** The rows of these writers that a member holds. */
    public static Set<Row> rows(Endpoint member, Collection<Integer> writers) throws SQLException {
        try (Connection connection = member.connect(Endpoint.DATABASE, 60);
                PreparedStatement select =
                        connection.prepareStatement("select writer, seq from acknowledged where writer = any (?)")) {
            select.setArray(1, connection.createArrayOf("integer", writers.toArray()));
            Set<Row> rows = new HashSet<>();
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    rows.add(new Row(found.getInt(1), found.getLong(2)));
                }
            }
            return rows;
        }
    }
}
