package io.matriarch.ha.simulation;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineClaim;
import io.matriarch.ha.model.UnfencedPrimary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The etcd cluster as its clients see it: one linear order of revisions, leases that the server's own clock ends at its next half
 * second, all of which begin anew when etcd elects another leader. What a request does, it does at one instant.
 */
final class SimEtcd {
    /** How often the lessor looks for leases that are over. */
    static final long LEASE_GRANULARITY = 500 * EventScheduler.MILLI;
    /** What a new etcd leader adds to each lease. */
    static final long ELECTION_EXTENSION = EventScheduler.SECOND;

    private static final int TAKEN_OVER = 3;

    private final EventScheduler scheduler;
    private final Map<Long, Lease> leases = new TreeMap<>();
    private final Map<MemberName, Kv<MemberReport>> members = new TreeMap<>();
    private final List<Runnable> watchers = new ArrayList<>();
    private final Consumer<String> trace;
    private Kv<MemberName> leader;
    private Kv<Optional<SystemIdentifier>> initialize;
    private Kv<String> config;
    private Kv<Optional<FailoverRequest>> failover;
    private Kv<SyncState> sync;
    private Kv<List<HistoryEntry>> history;
    private Kv<TimelineClaim> timeline;
    private Kv<MemberName> unfenced;
    private Kv<ClusterStatus> status;
    private Kv<Map<MemberName, String>> failsafe;
    private ClusterConfig configuration;
    private boolean configured;
    private long revision = 1;
    private long nextLease = 0x7000;
    private final List<Supplier<?>> takenIn = new ArrayList<>();
    private boolean available = true;
    private long watchesBackAt;
    private LeaderListener listener = (before, now) -> {};

    SimEtcd(EventScheduler scheduler, ClusterConfig configuration, Consumer<String> trace) {
        this.scheduler = scheduler;
        this.configuration = configuration;
        this.trace = trace;
        scheduler.after(LEASE_GRANULARITY, this::expireLeases);
    }

    /** Hears of each change of the leader key, at the instant of the change. */
    interface LeaderListener {
        void changed(Optional<MemberName> before, Optional<MemberName> now);
    }

    void onLeaderChange(LeaderListener leaderListener) {
        listener = leaderListener;
    }

    // ---- the server
    // ---------------------------------------------------------------------------------------------------

    boolean isAvailable() {
        return available;
    }

    void loseQuorum() {
        available = false;
        trace.accept("etcd lost its quorum");
    }

    /** An etcd leader is elected: every lease begins anew. */
    void electLeader() {
        available = true;
        leases.values().forEach(l -> l.expiresAt = scheduler.now() + l.ttl + ELECTION_EXTENSION);
        trace.accept("etcd has a leader");
        var pending = List.copyOf(takenIn);
        takenIn.clear();
        // What the old leader had written to its log, the new one may carry out: here the first of them.
        pending.stream().limit(TAKEN_OVER).forEach(Supplier::get);
    }

    /** A request that came while there was no quorum, and that nobody waits for any more. */
    void takeIn(Supplier<?> request) {
        takenIn.add(request);
    }

    /** Compaction ends every watch; they are back after {@code pause}, and only then tell that something changed. */
    void compact(long pause) {
        trace.accept("compaction ends the watches");
        watchesBackAt = scheduler.now() + pause;
        scheduler.at(watchesBackAt, this::notifyWatchers);
    }

    /** Nobody refreshes this lease any more and the server loses it at once, as if an operator revoked it. */
    void revokeLeaseOf(MemberName member) {
        var kv = members.get(member);
        if (kv != null && leases.containsKey(kv.lease)) {
            end(leases.get(kv.lease));
        }
    }

    private void expireLeases() {
        if (available) {
            for (var lease : List.copyOf(leases.values())) {
                if (lease.expiresAt <= scheduler.now()) {
                    end(lease);
                }
            }
        }
        scheduler.after(LEASE_GRANULARITY, this::expireLeases);
    }

    private void end(Lease lease) {
        leases.remove(lease.id);
        boolean hadLeader = leader != null && leader.lease == lease.id;
        boolean changed = members.values().removeIf(kv -> kv.lease == lease.id) | hadLeader;
        if (initialize != null && initialize.lease == lease.id) {
            initialize = null;
            changed = true;
        }
        if (hadLeader) {
            trace.accept("the lease of leader " + leader.value + " expired");
            setLeader(null);
        }
        if (changed) {
            revision++;
            notifyWatchers();
        }
    }

    void watch(Runnable watcher) {
        watchers.add(watcher);
    }

    void unwatch(Runnable watcher) {
        watchers.remove(watcher);
    }

    private void notifyWatchers() {
        if (scheduler.now() < watchesBackAt) {
            return;
        }
        List.copyOf(watchers).forEach(Runnable::run);
    }

    private void setLeader(Kv<MemberName> now) {
        var before = Optional.ofNullable(leader).map(kv -> kv.value);
        leader = now;
        listener.changed(before, Optional.ofNullable(now).map(kv -> kv.value));
    }

    // ---- what can be asked of it
    // --------------------------------------------------------------------------------------

    Optional<MemberName> leaderName() {
        return Optional.ofNullable(leader).map(kv -> kv.value);
    }

    /** True time at which the leader key ends if nothing renews it. */
    Optional<Long> leaderExpiresAt() {
        return Optional.ofNullable(leader).map(kv -> leases.get(kv.lease)).map(l -> l.expiresAt);
    }

    ClusterConfig configuration() {
        return configuration;
    }

    void configure(ClusterConfig changed) {
        configuration = changed;
        if (config != null) {
            revision++;
            config = config.changed(config.value, revision);
            notifyWatchers();
        }
    }

    /** Somebody deletes the key, or writes what is no configuration. */
    void loseConfiguration() {
        if (config != null) {
            revision++;
            config = null;
            notifyWatchers();
        }
    }

    /** Another text of the configuration, with the same meaning for decisions. */
    void changeSettings(String text) {
        if (config != null) {
            revision++;
            config = config.changed(text, revision);
            notifyWatchers();
        }
    }

    ClusterStatus status() {
        return status == null ? ClusterStatus.UNKNOWN : status.value;
    }

    Optional<SyncState> sync() {
        return Optional.ofNullable(sync).map(kv -> kv.value);
    }

    boolean hasFailoverRequest() {
        return failover != null && failover.value.isPresent();
    }

    Optional<SystemIdentifier> identifier() {
        return initialize == null ? Optional.empty() : initialize.value;
    }

    boolean initializeClaimed() {
        return initialize != null;
    }

    ClusterView view(MonotonicTime readAt) {
        var views = new HashMap<MemberName, MemberView>();
        members.forEach((name, kv) ->
                views.put(name, new MemberView(name, kv.value, leaseOf(kv), new Revision(kv.modRevision))));
        return new ClusterView(
                new Revision(revision),
                readAt,
                Optional.ofNullable(initialize)
                        .map(kv -> new InitializeKey(kv.value, leaseOf(kv), new Revision(kv.modRevision))),
                Optional.ofNullable(leader)
                        .map(kv -> new LeaderKey(
                                kv.value, leaseOf(kv), new Revision(kv.createRevision), new Revision(kv.modRevision))),
                views,
                config == null && !configured ? ClusterConfig.DEFAULTS : configuration,
                Optional.ofNullable(config).map(kv -> kv.value),
                status(),
                Optional.ofNullable(sync)
                        .map(kv -> new SyncState(
                                kv.value.leader(),
                                kv.value.standbys(),
                                kv.value.quorum(),
                                new Revision(kv.modRevision))),
                failoverRequest(),
                history == null ? List.of() : history.value,
                history != null,
                failsafe == null ? Map.of() : failsafe.value,
                Optional.ofNullable(timeline)
                        .map(kv -> new TimelineClaim(kv.value.timeline(), kv.value.by(), new Revision(kv.modRevision))),
                Optional.ofNullable(unfenced).map(kv -> new UnfencedPrimary(kv.value, new Revision(kv.modRevision))));
    }

    private Optional<FailoverRequest> failoverRequest() {
        return failover == null
                ? Optional.empty()
                : failover.value.map(r -> new FailoverRequest(
                        r.leader(), r.candidate(), r.scheduledAt(), r.settled(), new Revision(failover.modRevision)));
    }

    private static Optional<LeaseId> leaseOf(Kv<?> kv) {
        return kv.lease == 0 ? Optional.empty() : Optional.of(new LeaseId(kv.lease));
    }

    // ---- what can be written to it
    // ------------------------------------------------------------------------------------

    LeaseId grant(Duration ttl) {
        var lease = new Lease(nextLease++, EventScheduler.nanos(ttl));
        lease.expiresAt = scheduler.now() + lease.ttl;
        leases.put(lease.id, lease);
        return new LeaseId(lease.id);
    }

    Optional<Duration> keepAlive(LeaseId id) {
        var lease = leases.get(id.value());
        // A lease that is over but not yet revoked is not given back.
        if (lease == null || lease.expiresAt <= scheduler.now()) {
            return Optional.empty();
        }
        lease.expiresAt = scheduler.now() + lease.ttl;
        return Optional.of(Duration.ofNanos(lease.ttl));
    }

    Outcome acquireLeader(MemberName self, LeaseId lease, Optional<Revision> settles) {
        if (!leases.containsKey(lease.value())) {
            return new Outcome.Superseded("the lease is gone");
        }
        if (leader != null) {
            return new Outcome.Superseded(leader.value + " holds the leader key");
        }
        if (settles.filter(r -> failover == null || failover.modRevision != r.value())
                .isPresent()) {
            return new Outcome.Superseded("the key failover was changed");
        }
        revision++;
        if (settles.isPresent()) {
            failover = put(failover, Optional.empty(), 0);
        }
        setLeader(new Kv<>(self, lease.value(), revision, revision));
        trace.accept(self + " took the leader key");
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome reattachLeader(MemberName self, LeaseId lease) {
        if (leader == null || !leader.value.equals(self) || !leases.containsKey(lease.value())) {
            return new Outcome.Superseded("not ours any more");
        }
        revision++;
        leader = new Kv<>(self, lease.value(), leader.createRevision, revision);
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome releaseLeader(LeaderKey held, Optional<ClusterStatus> last, Optional<MemberName> successor) {
        if (leader == null || leader.modRevision != held.modRevision().value()) {
            return new Outcome.Superseded("not ours any more");
        }
        revision++;
        last.ifPresent(s -> status = put(status, s, 0));
        successor.ifPresent(s -> failover = put(failover, Optional.of(FailoverRequest.toSuccessor(s)), 0));
        trace.accept(held.holder() + " released the leader key"
                + successor.map(s -> " to " + s).orElse(""));
        setLeader(null);
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome putMember(MemberName self, MemberReport report, LeaseId lease) {
        if (!leases.containsKey(lease.value())) {
            return new Outcome.Superseded("the lease is gone");
        }
        revision++;
        members.put(self, put(members.get(self), report, lease.value()));
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome claimInitialize(LeaseId lease) {
        if (initialize != null || !leases.containsKey(lease.value())) {
            return new Outcome.Superseded("claimed already, or the lease is gone");
        }
        revision++;
        initialize = new Kv<>(Optional.empty(), lease.value(), revision, revision);
        trace.accept("initialize is claimed");
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome putInitialize(SystemIdentifier identifier) {
        revision++;
        initialize = put(initialize, Optional.of(identifier), 0);
        trace.accept("initialize is " + identifier);
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome dropInitializeClaim(Revision expected) {
        if (initialize == null || initialize.modRevision != expected.value()) {
            return new Outcome.Superseded("no claim");
        }
        revision++;
        initialize = null;
        notifyWatchers();
        return Outcome.DONE;
    }

    Optional<Kv<String>> readConfig() {
        return Optional.ofNullable(config);
    }

    Outcome writeConfig(String json, Optional<Revision> expected) {
        configured = true;
        return compare(config, expected, () -> config = put(config, json, 0));
    }

    Outcome writeFailover(Optional<FailoverRequest> request, Optional<Revision> expected) {
        return compare(failover, expected, () -> failover = put(failover, request, 0));
    }

    Outcome writeSync(Optional<SyncState> state, Optional<Revision> expected) {
        return compare(sync, expected, () -> {
            sync = state.isEmpty() ? null : put(sync, state.get(), 0);
            trace.accept("sync is "
                    + state.map(s -> s.leader().map(MemberName::value).orElse("-") + " " + s.standbys() + " quorum "
                                    + s.quorum())
                            .orElse("absent"));
        });
    }

    Outcome claimTimeline(Timeline number, MemberName by, Revision expected) {
        return compare(
                timeline,
                Optional.of(expected),
                () -> timeline = put(timeline, new TimelineClaim(number, by, expected), 0));
    }

    Outcome writeUnfenced(Optional<MemberName> name, Revision expected) {
        return compare(
                unfenced, Optional.of(expected), () -> unfenced = name.isEmpty() ? null : put(unfenced, name.get(), 0));
    }

    Outcome putHistory(List<HistoryEntry> rows) {
        revision++;
        history = put(history, List.copyOf(rows), 0);
        notifyWatchers();
        return Outcome.DONE;
    }

    Outcome putStatus(ClusterStatus now) {
        revision++;
        status = put(status, now, 0);
        return Outcome.DONE;
    }

    Outcome putFailsafe(Map<MemberName, String> map) {
        revision++;
        failsafe = put(failsafe, Map.copyOf(map), 0);
        return Outcome.DONE;
    }

    private Outcome compare(Kv<?> current, Optional<Revision> expected, Runnable write) {
        long have = current == null ? 0 : current.modRevision;
        if (expected.isPresent() && expected.get().value() != have) {
            return new Outcome.Superseded("changed since");
        }
        revision++;
        write.run();
        notifyWatchers();
        return Outcome.DONE;
    }

    private <T> Kv<T> put(Kv<T> before, T value, long lease) {
        return new Kv<>(value, lease, before == null ? revision : before.createRevision, revision);
    }

    /** A key as etcd keeps it. */
    record Kv<T>(T value, long lease, long createRevision, long modRevision) {
        Kv<T> changed(T now, long at) {
            return new Kv<>(now, lease, createRevision, at);
        }
    }

    private static final class Lease {
        private final long id;
        private final long ttl;
        private long expiresAt;

        private Lease(long id, long ttl) {
            this.id = id;
            this.ttl = ttl;
        }
    }
}
