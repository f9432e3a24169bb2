package io.matriarch.ha.config;

/**
 * The three parts in which the agent logs in to PostgreSQL.
 *
 * @param superuser administers the local PostgreSQL; created by initdb
 * @param replication streams WAL and takes base backups
 * @param rewind runs pg_rewind against the leader; the superuser if the file names none
 */
public record PostgresAuthentication(PostgresUser superuser, PostgresUser replication, PostgresUser rewind) {}
