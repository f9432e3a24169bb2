package io.matriarch.ha.model;

/** PostgreSQL's shutdown modes. */
public enum StopMode {
    SMART,
    FAST,
    IMMEDIATE
}
