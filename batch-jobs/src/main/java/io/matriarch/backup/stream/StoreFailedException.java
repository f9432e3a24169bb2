package io.matriarch.backup.stream;

import java.io.IOException;

/** The repository did not take what was received; the server keeps it until it does. */
final class StoreFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    StoreFailedException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
