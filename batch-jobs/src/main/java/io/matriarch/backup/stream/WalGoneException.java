package io.matriarch.backup.stream;

import java.io.IOException;

/** A server has removed the WAL that was asked for. */
final class WalGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    WalGoneException(String message, Throwable cause) {
        super(message, cause);
    }
}
