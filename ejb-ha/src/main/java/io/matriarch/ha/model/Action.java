package io.matriarch.ha.model;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Something that a decision wants done. Each action carries its licence and its precondition, so that a wrong one does not compile or
 * does not win. Those that end in "starts the job" return at once; the job's end is seen in a later view.
 */
public sealed interface Action {
    /**
     * Whether what was decided together with it goes on when it fails: nothing depends on it, and the next cycle decides on it anew from
     * what it sees.
     */
    default boolean standsAlone() {
        return false;
    }

    /**
     * Creates the leader key under this agent's lease if there is none, and arms nothing: promotion is a later decision.
     *
     * @param settles the revision of a {@code failover} key that names who shall lead now; it is reset in the same transaction, for
     *     the vacancy that it speaks of ends with it. Found again in a later one it would put a member first that no longer holds everything
     */
    record AcquireLeaderKey(Optional<Revision> settles) implements Action {}

    /** Hangs our leader key, which hangs on an older lease of ours, onto the present one. */
    record ReattachLeaderKey() implements Action {}

    /**
     * Deletes the leader key if it is still ours. PostgreSQL must be down or about to be.
     *
     * @param lastPosition written to {@code status} in the same transaction, so that candidates judge their lag by it
     * @param successor named in the {@code failover} key in the same transaction
     */
    record ReleaseLeaderKey(Optional<Lsn> lastPosition, Optional<MemberName> successor) implements Action {}

    /** Creates {@code initialize} with "" if there is none: the right to bootstrap. Hangs on our lease, so that it dies with us. */
    record ClaimInitializeKey() implements Action {}

    /** Writes our system identifier to {@code initialize}. */
    record WriteInitializeKey(SystemIdentifier identifier) implements Action {}

    /** Gives the right to bootstrap back after a failure, if the claim is unchanged since {@code expected}. */
    record DropInitializeKey(Revision expected) implements Action {}

    /** Writes the dynamic configuration as last known, or the bootstrap one, if {@code config} is missing or no JSON object. */
    record WriteConfigIfMissing() implements Action {}

    record WriteStatus(ClusterStatus status) implements Action {}

    record WriteFailsafe(Map<MemberName, String> members) implements Action {}

    /** Appends what PostgreSQL's own history says about the timelines before {@code timeline}. */
    record AppendHistory(Timeline timeline) implements Action {
        @Override
        public boolean standsAlone() {
            return true;
        }
    }

    /** Writes the sync key, or deletes it, if unchanged since {@code expected} (absent when empty). */
    record WriteSyncState(Optional<SyncState> state, Optional<Revision> expected) implements Action {}

    /** Resets {@code failover} to {} if it is unchanged since {@code expected}. */
    record ClearFailoverRequest(Revision expected) implements Action {}

    /** Starts the job that makes a new database cluster in the empty data directory. */
    record InitializeDatabase() implements Action {}

    /** Starts PostgreSQL as primary, guarded by the fence until the lease's end. */
    record StartPrimary(LeaderLease licence) implements Action {}

    /** Starts PostgreSQL as a replica of {@code upstream}. */
    record StartReplica(Upstream upstream) implements Action {}

    /** Asks PostgreSQL to stop; its end is seen in a later view. After {@code timeout} the next harder mode follows. */
    record StopPostgres(StopMode mode, Duration timeout) implements Action {}

    /** Claims {@code timeline} for a promotion to come, or for the one that we are on; {@code expected} is the claim's last revision. */
    record ClaimTimeline(Timeline timeline, Revision expected) implements Action {}

    /** Promotes the running replica to {@code next}, which was claimed. */
    record Promote(LeaderLease licence, Timeline next) implements Action {}

    /** Points the running replica to another upstream, without a restart. */
    record Follow(Upstream upstream) implements Action {}

    /** Starts the checkpoint job on the primary. */
    record Checkpoint() implements Action {}

    /** Starts the job that saves and lists this member's WAL past {@code from}, which the new leader does not have. */
    record SalvageWal(Timeline timeline, Lsn from, Lsn end) implements Action {}

    /** Starts the rewind job onto {@code leader}, whose identity was proven. */
    record Rewind(Upstream leader, SystemIdentifier leaderSystem, Timeline leaderTimeline) implements Action {}

    /**
     * Starts the clone job. What is in the data directory is moved aside first and kept until the clone streams.
     *
     * @param leaderSystem what the source must be, if it is known
     */
    record Reclone(Upstream source, Optional<SystemIdentifier> leaderSystem) implements Action {}

    /** Writes changed settings and reloads (or flags a pending restart). */
    record ReloadConfig() implements Action {
        @Override
        public boolean standsAlone() {
            return true;
        }
    }

    record SetSynchronousStandbyNames(String value) implements Action {}

    /** Creates, advances and drops physical slots so that exactly {@code wanted} exist beside foreign ones. */
    record SyncSlots(Set<String> wanted, Map<String, Lsn> advanceTo) implements Action {
        @Override
        public boolean standsAlone() {
            return true;
        }
    }

    /** Writes that nothing fences our primary from now on, or deletes that when {@code unfenced} is false; if unchanged since {@code expected}. */
    record MarkUnfenced(boolean unfenced, Revision expected) implements Action {}

    /** Moves the fence's deadline; it never passes what the licence covers. */
    record ExtendFence(MonotonicTime until) implements Action {}

    /**
     * Has each renewal of the licence's lease move the fence's deadline from now on, and moves it at once: for a primary that runs
     * without, after its agent was restarted, it took its key back, or a pause ended.
     */
    record GuardPrimary(LeaderLease licence) implements Action {}

    /** Takes the fence's deadline away: PostgreSQL is no primary, or the operator paused us. */
    record DisarmFence() implements Action {}

    /** Stops PostgreSQL at once, sessions included, by the fence; kills a fence that does not answer. */
    record FenceNow(String why) implements Action {}

    /** Forgets a command for this member that cannot be carried out, so that it does not wait for a day when it would be a surprise. */
    record DropLocalRequest(LocalRequest request) implements Action {}

    /** Ends the agent: everything is handed over. */
    record Exit(int code, String why) implements Action {}
}
