package io.matriarch.ha.model;

/** What the local PostgreSQL does, as observed. */
public enum PostgresState {
    /** Accepts connections and answered the probe. */
    RUNNING,
    /** A postmaster lives but does not accept connections yet. */
    STARTING,
    /** It was asked to stop and has not gone yet. */
    STOPPING,
    /** A postmaster lives, but it or its sessions do not answer within the bound, or the kernel shows it stopped. */
    HUNG,
    /** No process of it lives, and it ended by request or was never started. */
    STOPPED,
    /** No process of it lives, and nobody asked for that. */
    CRASHED,
    /** Could not be found out. */
    UNKNOWN
}
