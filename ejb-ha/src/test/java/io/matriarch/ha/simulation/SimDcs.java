package io.matriarch.ha.simulation;

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
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One agent's client of {@link SimEtcd}: requests and answers travel over the network, each may be lost on its own, and a request
 * without an answer is sent again within the budget. So a write may take effect although its caller hears of no success, and twice.
 */
final class SimDcs implements Dcs {
    private static final long POLL = 50 * EventScheduler.MILLI;

    private final SimEtcd etcd;
    private final SimNetwork network;
    private final SimProcess process;
    private final String host;
    private final Runnable watcher = this::changed;
    private Duration budget = Duration.ofSeconds(2);
    private Runnable onChange = () -> {};
    private boolean watching;
    private boolean notifying;

    SimDcs(SimEtcd etcd, SimNetwork network, SimProcess process, String host) {
        this.etcd = etcd;
        this.network = network;
        this.process = process;
        this.host = host;
    }

    private <T> T call(String what, Duration bound, Supplier<T> effect) throws DcsUnavailableException {
        process.crashPoint();
        long deadline = process.now() + process.clock().trueNanos(EventScheduler.nanos(bound));
        long slice = Math.max((deadline - process.now()) / 3, 1);
        while (process.now() < deadline) {
            long until = Math.min(deadline, process.now() + slice);
            if (arrives(until, effect) && awaitQuorum(until, effect)) {
                T result = effect.get();
                long back = network.latency(SimNetwork.ETCD, host);
                if (network.delivers(SimNetwork.ETCD, host) && process.now() + back <= until) {
                    process.sleep(back);
                    return result;
                }
            }
            process.sleep(until - process.now());
        }
        throw new DcsUnavailableException(what + ": no answer within " + bound.toMillis() + " ms");
    }

    private boolean arrives(long until, Supplier<?> effect) {
        long there = network.latency(host, SimNetwork.ETCD);
        if (!network.delivers(host, SimNetwork.ETCD)) {
            return false;
        }
        if (process.now() + there > until) {
            process.scheduler().after(there, () -> late(effect));
            return false;
        }
        process.sleep(there);
        return true;
    }

    private boolean awaitQuorum(long until, Supplier<?> effect) {
        while (!etcd.isAvailable() && process.now() + POLL <= until) {
            process.sleep(POLL);
        }
        if (!etcd.isAvailable()) {
            late(effect);
        }
        return etcd.isAvailable();
    }

    /** Its sender gave up; what etcd has taken in it may still carry out. */
    private void late(Supplier<?> effect) {
        if (!network.lateRequests()) {
            return;
        }
        if (etcd.isAvailable()) {
            effect.get();
        } else {
            etcd.takeIn(effect);
        }
    }

    private <T> T call(String what, Supplier<T> effect) throws DcsUnavailableException {
        return call(what, budget, effect);
    }

    @Override
    public void tune(Duration retryTimeout) {
        budget = retryTimeout;
    }

    @Override
    public ClusterView read() throws DcsUnavailableException {
        var sent = process.clock().now();
        return call("read", () -> etcd.view(sent));
    }

    @Override
    public LeaseId grantLease(Duration ttl) throws DcsUnavailableException {
        return call("grant", () -> etcd.grant(ttl));
    }

    @Override
    public Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws DcsUnavailableException {
        return call("keep-alive", bound, () -> etcd.keepAlive(lease));
    }

    @Override
    public Outcome acquireLeader(MemberName self, LeaseId lease, Optional<Revision> settles)
            throws DcsUnavailableException {
        return call("acquire", () -> etcd.acquireLeader(self, lease, settles));
    }

    @Override
    public Outcome reattachLeader(MemberName self, LeaseId lease) throws DcsUnavailableException {
        return call("reattach", () -> etcd.reattachLeader(self, lease));
    }

    @Override
    public Outcome releaseLeader(LeaderKey held, Optional<ClusterStatus> status, Optional<MemberName> successor)
            throws DcsUnavailableException {
        return call("release", () -> etcd.releaseLeader(held, status, successor));
    }

    @Override
    public Outcome putMember(MemberName self, MemberReport report, LeaseId lease) throws DcsUnavailableException {
        return call("put member", () -> etcd.putMember(self, report, lease));
    }

    @Override
    public Outcome claimInitialize(LeaseId lease) throws DcsUnavailableException {
        return call("claim initialize", () -> etcd.claimInitialize(lease));
    }

    @Override
    public Outcome putInitialize(SystemIdentifier identifier) throws DcsUnavailableException {
        return call("put initialize", () -> etcd.putInitialize(identifier));
    }

    @Override
    public Outcome dropInitializeClaim(Revision expected) throws DcsUnavailableException {
        return call("drop initialize", () -> etcd.dropInitializeClaim(expected));
    }

    @Override
    public Optional<Versioned> readConfig() throws DcsUnavailableException {
        return call(
                "read config",
                () -> etcd.readConfig().map(kv -> new Versioned(kv.value(), new Revision(kv.modRevision()))));
    }

    @Override
    public Outcome writeConfig(String json, Optional<Revision> expected) throws DcsUnavailableException {
        return call("write config", () -> etcd.writeConfig(json, expected));
    }

    @Override
    public Outcome writeFailover(Optional<FailoverRequest> request, Optional<Revision> expected)
            throws DcsUnavailableException {
        return call("write failover", () -> etcd.writeFailover(request, expected));
    }

    @Override
    public Outcome writeSync(Optional<SyncState> state, Optional<Revision> expected) throws DcsUnavailableException {
        return call("write sync", () -> etcd.writeSync(state, expected));
    }

    @Override
    public Outcome claimTimeline(Timeline timeline, MemberName by, Revision expected) throws DcsUnavailableException {
        return call("claim a timeline", () -> etcd.claimTimeline(timeline, by, expected));
    }

    @Override
    public Outcome writeUnfenced(Optional<MemberName> name, Revision expected) throws DcsUnavailableException {
        return call("write unfenced", () -> etcd.writeUnfenced(name, expected));
    }

    @Override
    public Outcome putHistory(List<HistoryEntry> history) throws DcsUnavailableException {
        return call("put history", () -> etcd.putHistory(history));
    }

    @Override
    public Outcome putStatus(ClusterStatus status) throws DcsUnavailableException {
        return call("put status", () -> etcd.putStatus(status));
    }

    @Override
    public Outcome putFailsafe(Map<MemberName, String> members) throws DcsUnavailableException {
        return call("put failsafe", () -> etcd.putFailsafe(members));
    }

    @Override
    public void watch(Runnable callback) {
        onChange = callback;
        if (!watching) {
            watching = true;
            etcd.watch(watcher);
        }
    }

    private void changed() {
        if (!notifying) {
            notifying = true;
            deliver();
        }
    }

    private void deliver() {
        if (process.isDead()) {
            etcd.unwatch(watcher);
            return;
        }
        if (!network.delivers(SimNetwork.ETCD, host)) {
            process.scheduler().after(10 * POLL, this::deliver);
            return;
        }
        process.scheduler().after(network.latency(SimNetwork.ETCD, host), () -> {
            notifying = false;
            if (!process.isDead()) {
                onChange.run();
                process.wakeLoop();
            }
        });
    }

    @Override
    public void close() {
        etcd.unwatch(watcher);
    }
}
