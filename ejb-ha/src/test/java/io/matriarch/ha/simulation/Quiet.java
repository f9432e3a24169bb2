package io.matriarch.ha.simulation;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps the log of a thousand simulated clusters off the console. */
final class Quiet {
    // Kept: the log manager holds loggers weakly.
    private static final Logger OURS = Logger.getLogger("io.matriarch");

    private Quiet() {}

    static void logs() {
        OURS.setLevel(Level.OFF);
    }
}
