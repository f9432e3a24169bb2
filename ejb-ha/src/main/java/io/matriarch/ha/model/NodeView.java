package io.matriarch.ha.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * This member at the moment of a cycle: everything local, and what its peers said when they were asked.
 *
 * @param postgresSince since when {@code postgres} is what it is
 * @param endOfWal the end of valid WAL of a PostgreSQL that is down, when it was looked for
 * @param senders the primary's replicas as it sees them
 * @param configuredUpstream where the files on disk make a replica stream from
 * @param appliedStandbyNames the {@code synchronous_standby_names} in force on the primary
 * @param peers whoever was asked this cycle, silent ones included; empty when nobody was asked
 * @param rejoin judged-against-the-leader facts, when they were asked for and could be had
 * @param rejoinFailure why they could not be had, for people
 * @param settingsChanged whether the effective PostgreSQL configuration differs from the files on disk
 * @param slots position by name of the replication slots here
 * @param wallClock wall-clock time, only for schedules that people set
 * @param postgresGuarded whether the running postmaster is the fence's child
 */
public record NodeView(
        MemberName self,
        Tags tags,
        DataDirectory data,
        Optional<ControlFacts> control,
        PostgresState postgres,
        MonotonicTime postgresSince,
        PostgresRole role,
        Optional<WalPosition> wal,
        Optional<Lsn> endOfWal,
        List<WalSenderFacts> senders,
        Optional<Upstream> configuredUpstream,
        String appliedStandbyNames,
        StorageView storage,
        FenceView fence,
        boolean postgresGuarded,
        Optional<LeaseView> lease,
        Optional<JobView> job,
        Map<MemberName, PeerView> peers,
        FailsafeView failsafe,
        Optional<RejoinEvidence> rejoin,
        Optional<String> rejoinFailure,
        boolean settingsChanged,
        boolean standbySignal,
        Map<String, Lsn> slots,
        Instant wallClock,
        LocalRequest request) {

    public NodeView {
        peers = java.util.Collections.unmodifiableMap(new TreeMap<>(peers));
        senders = List.copyOf(senders);
        slots = java.util.Collections.unmodifiableMap(new TreeMap<>(slots));
    }

    public boolean isRunning() {
        return postgres == PostgresState.RUNNING;
    }

    /** No process of the local PostgreSQL lives: known, not assumed. */
    public boolean isDown() {
        return postgres == PostgresState.STOPPED || postgres == PostgresState.CRASHED;
    }

    public boolean isRunningPrimary() {
        return isRunning() && role == PostgresRole.PRIMARY;
    }

    public boolean isRunningReplica() {
        return isRunning() && role == PostgresRole.REPLICA;
    }

    public boolean jobRunning() {
        return job.filter(JobView::isRunning).isPresent();
    }

    /** The finished job of that kind, if this cycle is the one that sees it. */
    public Optional<Outcome> finished(JobKind kind) {
        return job.filter(j -> j.kind() == kind).flatMap(JobView::result);
    }
}
