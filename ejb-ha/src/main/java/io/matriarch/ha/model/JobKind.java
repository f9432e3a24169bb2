package io.matriarch.ha.model;

/** The slow work that runs beside the loop, one at a time. */
public enum JobKind {
    INITDB,
    CLONE,
    REWIND,
    SALVAGE,
    CHECKPOINT
}
