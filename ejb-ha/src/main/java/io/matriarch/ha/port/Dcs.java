package io.matriarch.ha.port;

import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The distributed configuration store in Patroni's layout. Every method blocks, at most for the current retry time-out
 * ({@link #tune}), tries one endpoint after the other within it, and throws {@link DcsUnavailableException} when no quorum answered.
 * Thread safe: the loop, the keep-alive thread and commands call it.
 */
public interface Dcs extends AutoCloseable {

    /** Sets the budget of one operation; the loop calls it when the configuration changes. */
    void tune(Duration retryTimeout);

    /** One linearizable read of everything below the scope, at one revision. */
    ClusterView read() throws DcsUnavailableException;

    /** Grants a lease. Never revokes: a lease is left to expire. */
    LeaseId grantLease(Duration ttl) throws DcsUnavailableException;

    /**
     * Renews the lease once. The caller notes the time before the call.
     *
     * @param bound at most this long, whatever the retry time-out is
     * @return the time to live that the DCS granted, or empty when the lease is gone
     */
    Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws DcsUnavailableException;

    /**
     * Creates the leader key if it does not exist, and resets {@code failover} in the same transaction if it is unchanged since {@code
     * settles}. {@code Superseded} when somebody holds the leader key, {@code failover} was changed or the lease is gone.
     */
    Outcome acquireLeader(MemberName self, LeaseId lease, Optional<Revision> settles) throws DcsUnavailableException;

    /** Hangs our leader key onto another lease of ours if its value is still our name. */
    Outcome reattachLeader(MemberName self, LeaseId lease) throws DcsUnavailableException;

    /**
     * Deletes the leader key if it is unchanged since it was read; in the same transaction writes {@code status} and names the successor
     * in {@code failover}, when given. After a {@link DcsUnavailableException} it may still take effect, until the key is changed.
     *
     * @param held our key as last read
     */
    Outcome releaseLeader(LeaderKey held, Optional<ClusterStatus> status, Optional<MemberName> successor)
            throws DcsUnavailableException;

    /** Puts the member key under the lease. */
    Outcome putMember(MemberName self, MemberReport report, LeaseId lease) throws DcsUnavailableException;

    /** Creates {@code initialize} as "" under our lease, if it does not exist. */
    Outcome claimInitialize(LeaseId lease) throws DcsUnavailableException;

    /** Writes {@code initialize}, without a lease. */
    Outcome putInitialize(SystemIdentifier identifier) throws DcsUnavailableException;

    /** Deletes {@code initialize} if it is unchanged since {@code expected}: the claim of another member stays. */
    Outcome dropInitializeClaim(Revision expected) throws DcsUnavailableException;

    /** The raw text of {@code config} with its revision; empty when the key does not exist. */
    Optional<Versioned> readConfig() throws DcsUnavailableException;

    /** Writes {@code config}; with {@code expected} only if unchanged since (revision 0 = only if absent). */
    Outcome writeConfig(String json, Optional<Revision> expected) throws DcsUnavailableException;

    /** Writes {@code failover} ({@code {}} when empty); with {@code expected} only if unchanged since. */
    Outcome writeFailover(Optional<FailoverRequest> request, Optional<Revision> expected)
            throws DcsUnavailableException;

    Outcome writeSync(Optional<SyncState> state, Optional<Revision> expected) throws DcsUnavailableException;

    /** Writes {@code matriarch/timeline} if it is unchanged since {@code expected} (revision 0 = only if absent). */
    Outcome claimTimeline(Timeline timeline, MemberName by, Revision expected) throws DcsUnavailableException;

    /** Writes {@code matriarch/unfenced}, or deletes it when empty, if it is unchanged since {@code expected} (revision 0 = only if absent). */
    Outcome writeUnfenced(Optional<MemberName> name, Revision expected) throws DcsUnavailableException;

    Outcome putHistory(List<HistoryEntry> history) throws DcsUnavailableException;

    Outcome putStatus(ClusterStatus status) throws DcsUnavailableException;

    Outcome putFailsafe(Map<MemberName, String> members) throws DcsUnavailableException;

    /**
     * Watches everything below the scope and calls {@code onChange} after each change that is more than a moved position (of
     * {@code status}, or of a member that is otherwise as it was), on a thread of the client: the callback only enqueues. Resumes by
     * itself on another endpoint, after compaction and silence too, and then calls once.
     */
    void watch(Runnable onChange);

    /** Frees connections; leaves the lease to expire. */
    @Override
    void close();

    /** A raw value and the revision that last changed it. */
    record Versioned(String value, Revision modRevision) {}
}
