package io.matriarch.backup.repository;

import java.io.IOException;

/** What is stored is not what was stored once: it was changed, or cut off. Asking again gives the same. */
public final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    public DamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
