package io.matriarch.ha.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a manager needs of section {@code postgresql}, on a machine that runs PostgreSQL or not.
 *
 * @param binDir where PostgreSQL's programs are
 * @param binNames other names for programs, by their usual names
 * @param database to which it connects
 * @param authentication who it logs in as
 */
public record PostgresAccess(
        Path binDir, Map<String, String> binNames, String database, PostgresAuthentication authentication) {
    public PostgresAccess {
        binNames = Map.copyOf(binNames);
    }

    /** The path of one of PostgreSQL's programs, for example {@code pg_basebackup}. */
    public Path program(String usualName) {
        return binDir.resolve(binNames.getOrDefault(usualName, usualName));
    }
}
