package io.matriarch.boot;

import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Log handler that ends the process when the server reports that it started with errors. Without it a server whose
 * deployment failed, or whose REST port was taken, would linger: alive for a supervisor, leading nothing. The reasons
 * stand in the lines that the server logged before; the launcher's help explains the exit status.
 *
 * <p>The server tells the end of its boot only to its log and to its management interface; the log needs no polling.
 */
public final class BootFailureExit extends Handler {

    /** Exit status of a process whose boot failed. */
    public static final int EXIT_STATUS = 3;

    /** "started (with errors)": some services failed, the process would stay. */
    static final String STARTED_WITH_ERRORS = "WFLYSRV0026";

    private final Runnable exit;

    /** Used by the server's logging subsystem. */
    public BootFailureExit() {
        // A thread of its own, since the shutdown hooks wait for the very thread that logs.
        this(() -> new Thread(() -> Runtime.getRuntime().exit(EXIT_STATUS), "boot-failure-exit").start());
    }

    BootFailureExit(Runnable exit) {
        this.exit = exit;
    }

    @Override
    public void publish(LogRecord logRecord) {
        String message = logRecord.getMessage();
        if (message != null && message.startsWith(STARTED_WITH_ERRORS)) {
            exit.run();
        }
    }

    @Override
    public void flush() {
        // nothing is buffered
    }

    @Override
    public void close() {
        // nothing is held
    }
}
