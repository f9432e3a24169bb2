package io.matriarch.ha.port;

import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.StopMode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The supervisor process outside the JVM that parents PostgreSQL and stops it at the deadline. Every call blocks for at most the bound
 * given at construction and throws {@link FenceException} with {@code isUnreachable()} when nothing was heard. Thread safe.
 */
public interface FenceKeeper extends AutoCloseable {

    /** Finds the member's fence or starts one, and takes control of it. Touches no running PostgreSQL. */
    FenceView connect() throws FenceException;

    /**
     * Whether the connection that {@link #connect} made is still there. A fence that answers {@link #view} without it takes no order and
     * ends PostgreSQL at its deadline. Asks nobody.
     */
    boolean isInControl();

    /** What the fence says now; {@code UNREACHABLE} instead of an exception when it is silent. */
    FenceView view();

    /** Starts PostgreSQL as the fence's child. Returns its pid. */
    long start(StartCommand command) throws FenceException;

    /** Moves the deadline. */
    void extend(MonotonicTime until) throws FenceException;

    /** Takes the deadline away: PostgreSQL is a replica, or down. */
    void disarm() throws FenceException;

    /** Asks PostgreSQL to stop and returns; {@link Event.Exited} tells the end. */
    void stop(StopMode mode, Duration timeout) throws FenceException;

    /** Sends SIGUSR1 to the postmaster, which then looks whether it shall promote. */
    void nudge() throws FenceException;

    /** After a fencing: start is allowed again. */
    void clear() throws FenceException;

    /** Kills a fence that does not answer; the kernel then stops its PostgreSQL. Blocks until both are gone, bounded. */
    void kill() throws FenceException;

    /** Ends a fence without PostgreSQL. */
    void quit() throws FenceException;

    /** Registers the one listener; it is called on a thread of the adapter and only enqueues. */
    void onEvent(Consumer<Event> listener);

    @Override
    void close();

    /**
     * How to run {@code postgres}.
     *
     * @param argv program and arguments; no secret among them
     */
    record StartCommand(List<String> argv, String workingDirectory, String logFile) {
        public StartCommand {
            argv = List.copyOf(argv);
        }
    }

    /** What the fence tells without being asked. */
    sealed interface Event {
        /** The postmaster ended; children of it may still live. */
        record PostmasterDied(long pid, MonotonicTime at) implements Event {}

        /** The postmaster and every descendant are gone: nothing can write or acknowledge any more. */
        record Exited(long pid, Reason reason, MonotonicTime at) implements Event {}

        /** The connection to the fence was lost. */
        record Disconnected() implements Event {}
    }

    /** Why PostgreSQL ended. */
    enum Reason {
        STOP,
        CRASH,
        FENCED
    }
}
