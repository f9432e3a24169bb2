package io.matriarch.ha.model;

/** The {@code synchronous_mode} setting. */
public enum SynchronousMode {
    OFF,
    PRIORITY,
    QUORUM
}
