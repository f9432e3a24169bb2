package io.matriarch.ha.model;

/** Whether somebody lives. Silence is {@code UNKNOWN}, never {@code DEAD}: nothing that destroys data follows from it. */
public enum Liveness {
    ALIVE,
    DEAD,
    UNKNOWN
}
