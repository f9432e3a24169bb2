package io.matriarch.ha.port;

import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.model.WalSenderFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at the local PostgreSQL and its files; changes nothing. Called by the loop thread only. */
public interface PostgresProbe extends AutoCloseable {

    /**
     * Looks once. Blocks at most {@code bound}; a PostgreSQL that does not answer within it is reported as such, not as an exception.
     */
    Facts look(Duration bound);

    /**
     * The end of valid WAL of a PostgreSQL that is down, found by reading records from {@code from} on {@code timeline}. Blocks at most
     * {@code bound}.
     *
     * @return empty when it could not be established: then nobody may be called complete against it
     */
    Optional<Lsn> endOfWal(Timeline timeline, Lsn from, Duration bound);

    /**
     * Asks {@code leader} for its identity, timeline and history over a replication connection and judges the local end of WAL.
     * Blocks at most {@code bound}.
     */
    RejoinEvidence rejoinEvidence(Upstream leader, Duration bound) throws PostgresException;

    /** The local timeline history before {@code timeline}, as rows for the cluster's history. */
    List<HistoryEntry> history(Timeline timeline) throws PostgresException;

    @Override
    void close();

    /** Whether connections are accepted, as PostgreSQL itself or the kernel says. */
    enum Answer {
        /** The probe's query was answered. */
        ANSWERED,
        /** PostgreSQL said that it is starting up, or nothing listens yet while the postmaster lives. */
        STARTING,
        /** It said that it is shutting down. */
        STOPPING,
        /** Nothing came back within the bound, or the kernel shows the postmaster as stopped. */
        SILENT,
        /** No postmaster. */
        NO_POSTMASTER
    }

    /**
     * What one look found.
     *
     * @param postmasterPid the living postmaster of this data directory; 0 when there is none
     * @param role from {@code pg_is_in_recovery()}, or from the files when it is down
     * @param startedAt the postmaster's start time, for the status document
     * @param serverVersion e.g. 150018; 0 when unknown
     * @param slots restart position by slot name on this PostgreSQL
     * @param pendingRestart settings that wait for a restart: name to (running value, wanted value)
     */
    record Facts(
            DataDirectory data,
            Optional<ControlFacts> control,
            Answer answer,
            long postmasterPid,
            PostgresRole role,
            Optional<WalPosition> wal,
            List<WalSenderFacts> senders,
            Map<String, Lsn> slots,
            Optional<Upstream> configuredUpstream,
            String standbyNames,
            StorageView storage,
            boolean standbySignal,
            boolean settingsChanged,
            Optional<Instant> startedAt,
            Optional<Instant> replayedAt,
            int serverVersion,
            Map<String, PendingRestart> pendingRestart) {}

    record PendingRestart(String oldValue, String newValue) {}
}
