package io.matriarch.ha.port;

/** No quorum of the DCS answered within the bound. Whether a write took effect is not known unless the method says so. */
public final class DcsUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public DcsUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public DcsUnavailableException(String message) {
        super(message);
    }
}
