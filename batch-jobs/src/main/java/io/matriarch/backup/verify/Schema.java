package io.matriarch.backup.verify;

import io.matriarch.backup.sandbox.TableCounts;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The objects of the users, in all databases.
 *
 * @param objects digests of their definitions, by database, kind and name
 * @param fault why they cannot all be told, on a server that answers; empty when they can
 */
record Schema(Map<String, String> objects, Optional<String> fault) {
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

    Schema {
        objects = Map.copyOf(objects);
    }

    /** Blocks for at most ten minutes a database. */
    static Schema read(TableCounts.Question server) throws IOException {
        var objects = new LinkedHashMap<String, String>();
        var databases = server.ask("postgres", DATABASES, QUESTION);
        if (!databases.well()) {
            return new Schema(objects, Optional.of("it cannot be asked: " + databases.lastWords()));
        }
        for (String database : databases.output().lines().toList()) {
            var said = server.ask(database, OBJECTS, QUESTION);
            if (!said.well()) {
                return new Schema(
                        objects, Optional.of("the objects of " + database + " cannot be told: " + said.lastWords()));
            }
            objects.put("database " + database, "");
            for (String line : said.output().lines().toList()) {
                // A name may hold one too; a digest does not.
                int bar = line.lastIndexOf('|');
                if (bar > 0) {
                    objects.put(database + ": " + line.substring(0, bar), line.substring(bar + 1));
                }
            }
        }
        return new Schema(objects, Optional.empty());
    }
}
