package io.matriarch.ha.model;

/** Whether the local PostgreSQL is in recovery; of a stopped one, how it would start with the files as they are. */
public enum PostgresRole {
    PRIMARY,
    REPLICA,
    UNKNOWN
}
