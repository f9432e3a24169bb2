package io.matriarch.ha.port;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Changes the local PostgreSQL and its files. Starting and stopping the postmaster itself is the fence's business: this port prepares.
 * Methods named "job" run for long, on the slow worker, report progress and end when the thread is interrupted.
 */
public interface PostgresControl extends AutoCloseable {

    /** Takes a new dynamic configuration (the raw JSON of {@code config}); the next start, reload or look uses it. */
    void configure(String dynamicConfigJson);

    /**
     * The dynamic configuration as this member last knew it, kept in the data directory across restarts; empty when it never knew one.
     * Holds while the key {@code config} is missing or cannot be read: a lost key must not lose a promise.
     */
    Optional<String> lastConfiguration();

    /** Writes the configuration files for a primary, removes {@code standby.signal}, and says how to start. Quick. */
    FenceKeeper.StartCommand prepareStartAsPrimary() throws PostgresException;

    /** Writes the configuration files and {@code standby.signal} for a replica of {@code upstream}, and says how to start. Quick. */
    FenceKeeper.StartCommand prepareStartAsReplica(Upstream upstream) throws PostgresException;

    /** Stops a PostgreSQL of this data directory that runs outside of the fence, fast; blocks until it is gone or {@code bound} passed. */
    void stopUnguarded(Duration bound) throws PostgresException;

    /**
     * Requests promotion and returns; the role changes in a later look. Bounded.
     *
     * @param next no number below it is begun: those between belong to promotions that nobody may have heard of
     */
    void promote(Timeline next, Duration bound) throws PostgresException;

    /**
     * Points a running replica to {@code upstream} by a reload.
     *
     * @return true when a restart is needed instead (PostgreSQL before 13)
     */
    boolean follow(Upstream upstream, Duration bound) throws PostgresException;

    /** Writes changed settings to the files and reloads if PostgreSQL runs. */
    void reload(Duration bound) throws PostgresException;

    void setSynchronousStandbyNames(String value, Duration bound) throws PostgresException;

    /** Creates missing slots, drops ours that are no longer wanted, advances inactive ones; leaves foreign slots alone. */
    void syncSlots(Set<String> wanted, Map<String, Lsn> advanceTo, Duration bound) throws PostgresException;

    /** Job: CHECKPOINT. */
    void checkpoint() throws PostgresException;

    /**
     * Job: initdb into the empty directory, configuration files, users. The caller starts nothing beside it. When it returns, PostgreSQL
     * is down and the directory is complete; when it throws, the directory was moved aside.
     *
     * @param claim asked just before the new data get the data directory's name: a script may have outlasted it
     */
    SystemIdentifier initialize(Claim claim, Progress progress) throws PostgresException, InterruptedException;

    /**
     * Job: moves what is in the data directory aside, takes a base backup of {@code source} into it and prepares it as a replica. The
     * set-aside directory is kept until {@link #forgetSetAside}.
     */
    void cloneFrom(Upstream source, Optional<SystemIdentifier> expected, Progress progress)
            throws PostgresException, InterruptedException;

    /** Job: pg_rewind onto {@code leader} after proving that it is {@code expected}. */
    void rewind(Upstream leader, SystemIdentifier expected, Timeline leaderTimeline, Progress progress)
            throws PostgresException, InterruptedException;

    /**
     * Job: copies the WAL of {@code timeline} from {@code from} to {@code end} to the diverged-WAL directory and writes a summary of its
     * records beside it.
     *
     * @return where it was saved
     */
    String salvage(Timeline timeline, Lsn from, Lsn end, Progress progress)
            throws PostgresException, InterruptedException;

    /** Tells, each cycle, what was seen of PostgreSQL: the user's callbacks run beside when it changed. Returns at once. */
    default void seen(PostgresState state, PostgresRole role) {}

    /** Runs the user's script before a planned stop; its failure stops nothing. Blocks at most {@code bound}. */
    default void beforeStop(Duration bound) {}

    /**
     * Deletes the directories that were set aside before a clone, by this agent or one before it; called whenever the data directory begins
     * to stream. Keeps the newest failed one. Returns at once.
     *
     * @return whether it was possible; otherwise it is to be called again
     */
    boolean forgetSetAside();

    /**
     * The data directory holds what may be nowhere else: it ran as a primary. If it is set aside one day it is kept until its successor
     * streams.
     *
     * @return whether that could be noted; otherwise it is to be called again
     */
    boolean keepAsReal();

    @Override
    void close();

    /** The right to make the database cluster. */
    @FunctionalInterface
    interface Claim {
        /** Blocks for the DCS. @throws PostgresException when that did not answer */
        boolean isOurs() throws PostgresException;
    }

    /** Takes the progress of a job: bytes done and, if known, in all. Called a few times a second. */
    @FunctionalInterface
    interface Progress {
        void report(String step, long bytesDone, Optional<Long> bytesTotal);
    }
}
