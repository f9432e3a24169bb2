package io.matriarch.backup.verify;

import io.matriarch.backup.sandbox.Programs.Ended;
import io.matriarch.backup.sandbox.TableCounts;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The objects of the users, in all databases. */
final class Schema {
    private static final Duration QUESTION = Duration.ofMinutes(10);
    private static final String DATABASES = "select datname from pg_database where datallowconn order by 1\n";
    private static final String OBJECTS = """
            set quote_all_identifiers = off;
            with own as (
                select oid, nspname from pg_namespace
                where nspname !~ '^pg_' and nspname not in ('information_schema', 'OWN'))
            select 'schema ' || quote_ident(nspname), '' from own
            union all
            select case relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
                       when 'S' then 'sequence' when 'f' then 'foreign table' else 'index' end
                   || ' ' || quote_ident(nspname) || '.' || quote_ident(relname),
                md5(coalesce((select string_agg(attname || ' ' || format_type(atttypid, atttypmod) || attnotnull::text, ',' order by attnum)
                    from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped), ''))
            from pg_class c join own on own.oid = relnamespace where relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
            union all
            select 'function ' || quote_ident(nspname) || '.' || quote_ident(proname) || '('
                   || pg_get_function_identity_arguments(p.oid) || ')', md5(coalesce(prosrc, ''))
            from pg_proc p join own on own.oid = pronamespace
            order by 1;
            """.replace("OWN", TableCounts.OWN_SCHEMA);

    private Schema() {}

    /**
     * Digests of their definitions, by database, kind and name.
     *
     * @throws IOException if they cannot be asked for
     */
    static Map<String, String> read(TableCounts.Question server) throws IOException {
        var objects = new LinkedHashMap<String, String>();
        for (String database : server.ask("postgres", DATABASES, QUESTION)
                .must()
                .output()
                .lines()
                .toList()) {
            Ended said = server.ask(database, OBJECTS, QUESTION).must();
            objects.put("database " + database, "");
            for (String line : said.output().lines().toList()) {
                // A name may hold one too; a digest does not.
                int bar = line.lastIndexOf('|');
                if (bar > 0) {
                    objects.put(database + ": " + line.substring(0, bar), line.substring(bar + 1));
                }
            }
        }
        return objects;
    }
}
