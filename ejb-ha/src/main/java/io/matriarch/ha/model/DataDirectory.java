package io.matriarch.ha.model;

/** What is in PGDATA. Only {@code EMPTY} licenses an initdb or a clone into it. */
public enum DataDirectory {
    /** It was listed and holds nothing, or does not exist in a parent that could be listed. */
    EMPTY,
    /** It holds a PostgreSQL cluster with a readable control file. */
    PRESENT,
    /** It holds something that is no complete cluster: a clone that never finished, a foreign file. Set aside, never deleted. */
    INCOMPLETE,
    /** It could not be read: a missing mount, a permission, an I/O error. Nothing is started, written or cloned. */
    UNKNOWN
}
