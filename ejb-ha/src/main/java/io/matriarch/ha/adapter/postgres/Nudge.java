package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.port.FenceException;

/** Sends SIGUSR1 to the running postmaster, which then looks for its {@code promote} file; who guards PostgreSQL does it. Quick. */
@FunctionalInterface
public interface Nudge {
    void send() throws FenceException;
}
