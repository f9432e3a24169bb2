package io.matriarch.backup.node;

import java.io.IOException;

/** A node did not do what it was told, by no fault of the work itself. */
public final class NodeException extends IOException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Kind {
        /** It did not answer for as long as it was waited for. */
        UNREACHABLE,
        /** It said no: the command is not one that it takes, or not now, or not from this manager. */
        REFUSED
    }

    private final Kind kind;

    NodeException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
