package io.matriarch.ha.simulation;

/** The process that this code ran in was killed: nothing after this point happens. An error, so that no handler takes it for a fault. */
final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1L;

    SimulatedCrash() {
        super("the simulated process was killed", null, false, false);
    }
}
