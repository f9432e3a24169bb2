package io.matriarch.ha.simulation;

/** Something happened that must never happen. */
final class InvariantViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    InvariantViolation(String what) {
        super(what);
    }
}
