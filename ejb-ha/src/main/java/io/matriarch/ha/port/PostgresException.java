package io.matriarch.ha.port;

/** Something asked of the local PostgreSQL, or of its tools, did not work; the message says what was tried. */
public final class PostgresException extends Exception {
    private static final long serialVersionUID = 1L;

    public PostgresException(String message, Throwable cause) {
        super(message, cause);
    }

    public PostgresException(String message) {
        super(message);
    }
}
