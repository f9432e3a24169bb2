package io.matriarch.backup.sandbox;

import io.matriarch.backup.sandbox.Programs.Ended;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every table, read from its first page to its last.
 *
 * @param rows of each table of the users, by {@code database.schema.table}
 * @param fault the first that cannot be read, and why
 */
public record TableCounts(Map<String, Long> rows, Optional<String> fault) {
    /** Ours, in the cluster's own data: no table of the users. */
    public static final String OWN_SCHEMA = "matriarch";

    private static final List<String> NOT_THE_USERS = List.of("pg_catalog", "information_schema", OWN_SCHEMA);
    private static final Duration QUESTION = Duration.ofMinutes(1);
    private static final String DATABASES = "select datname from pg_database where datallowconn order by 1\n";
    /** Each table is read from its pages, not from an index of it. */
    private static final String COUNT_ALL = """
            set enable_indexscan = off;
            set enable_indexonlyscan = off;
            set enable_bitmapscan = off;
            select format('select %L, %L, count(*) from %s', n.nspname, c.relname, c.oid::regclass)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm') and c.relpersistence = 'p' and (c.relkind = 'r' or c.relispopulated)
            order by n.nspname, c.relname
            \\gexec
            """;

    public TableCounts {
        rows = Map.copyOf(rows);
    }

    /** Asks one database of a server. */
    @FunctionalInterface
    public interface Question {
        Ended ask(String database, String script, Duration bound) throws IOException;
    }

    /** All rows together. */
    public long allRows() {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Reads all tables of all databases; blocks for at most {@code bound} a database. */
    public static TableCounts read(Question server, Duration bound) throws IOException {
        var rows = new LinkedHashMap<String, Long>();
        var databases = server.ask("postgres", DATABASES, QUESTION);
        if (!databases.well()) {
            return new TableCounts(rows, Optional.of("it cannot be asked: " + databases.lastWords()));
        }
        for (String database : databases.output().lines().toList()) {
            var counted = server.ask(database, COUNT_ALL, bound);
            if (!counted.well()) {
                return new TableCounts(
                        rows, Optional.of("a table of " + database + " cannot be read: " + counted.lastWords()));
            }
            for (String line : counted.output().lines().toList()) {
                var part = line.split("\\|");
                if (part.length == 3 && !NOT_THE_USERS.contains(part[0])) {
                    rows.put(database + "." + part[0] + "." + part[1], Long.valueOf(part[2]));
                }
            }
        }
        return new TableCounts(rows, Optional.empty());
    }
}
