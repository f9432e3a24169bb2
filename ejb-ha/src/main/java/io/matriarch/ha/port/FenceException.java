package io.matriarch.ha.port;

/** The fence refused or did not answer. */
public final class FenceException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean unreachable;

    public FenceException(String message, boolean unreachable, Throwable cause) {
        super(message, cause);
        this.unreachable = unreachable;
    }

    public FenceException(String message, boolean unreachable) {
        super(message);
        this.unreachable = unreachable;
    }

    /** True when nothing was heard; false when it refused and said why. */
    public boolean isUnreachable() {
        return unreachable;
    }
}
