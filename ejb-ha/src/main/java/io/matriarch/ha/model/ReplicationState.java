package io.matriarch.ha.model;

/** How a replica gets its WAL. */
public enum ReplicationState {
    STREAMING("streaming"),
    IN_ARCHIVE_RECOVERY("in archive recovery"),
    NONE("");

    private final String wire;

    ReplicationState(String wire) {
        this.wire = wire;
    }

    /** Patroni's word; empty when nothing is published. */
    public String wire() {
        return wire;
    }
}
