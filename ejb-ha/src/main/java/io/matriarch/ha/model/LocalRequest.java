package io.matriarch.ha.model;

/** A command for this member alone. It changes nothing by itself: it is part of the view, so that a decision can be replayed. */
public enum LocalRequest {
    NONE,
    /** The agent was asked to stop (SIGTERM): hand over, stop PostgreSQL, go. */
    SHUT_DOWN,
    /** {@code POST /restart}. */
    RESTART,
    /** {@code POST /reinitialize}: set the data aside and clone anew. */
    REINITIALIZE
}
