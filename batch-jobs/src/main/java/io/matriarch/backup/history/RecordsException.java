package io.matriarch.backup.history;

import java.io.IOException;

/** The records cannot be read or written: says what was tried. */
public final class RecordsException extends IOException {
    private static final long serialVersionUID = 1L;

    RecordsException(String what, Throwable cause) {
        super("the records of the jobs: " + what + ": " + cause.getMessage(), cause);
    }
}
