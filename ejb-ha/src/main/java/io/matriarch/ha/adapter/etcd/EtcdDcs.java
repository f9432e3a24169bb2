package io.matriarch.ha.adapter.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.StatusRuntimeException;
import io.matriarch.ha.adapter.etcd.EtcdWrites.Guarded;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.HistoryEntry;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.KeySpace;
import io.matriarch.ha.port.MonotonicClock;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** {@link Dcs} on etcd, in Patroni's layout and with Patroni's compare conditions. One daemon thread, no other resources than sockets. */
public final class EtcdDcs implements Dcs {
    private static final Duration FIRST_BUDGET = Duration.ofSeconds(10);
    private static final long NO_LEASE = 0;

    private final Keys keys;
    private final MonotonicClock clock;
    private final EventLoopGroup eventLoop;
    private final EtcdEndpoints endpoints;
    private final ClusterReader reader;
    private final Mirror mirror = new Mirror();
    private final EtcdWrites writes;
    private final List<PrefixWatch> watches = new ArrayList<>();
    private volatile Duration budget = FIRST_BUDGET;

    /**
     * Reads the TLS files and resolves the endpoints' names (blocks for both), connects to nobody yet.
     *
     * @throws IllegalArgumentException when a TLS file cannot be used
     */
    public EtcdDcs(EtcdSettings settings, Scope scope, ConfigReader configReader, MonotonicClock clock) {
        this.keys = new Keys(scope);
        this.clock = clock;
        this.reader = new ClusterReader(configReader);
        this.eventLoop = new MultiThreadIoEventLoopGroup(1, EtcdDcs::thread, NioIoHandler.newFactory());
        this.endpoints = endpoints(settings, eventLoop);
        this.writes = new EtcdWrites(keys, endpoints, mirror, budget);
    }

    private static EtcdEndpoints endpoints(EtcdSettings settings, EventLoopGroup eventLoop) {
        try {
            return new EtcdEndpoints(settings, eventLoop);
        } catch (IllegalArgumentException e) {
            eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static Thread thread(Runnable work) {
        var thread = new Thread(work, "etcd");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void tune(Duration retryTimeout) {
        budget = retryTimeout;
        writes.tune(retryTimeout);
    }

    @Override
    public ClusterView read() throws DcsUnavailableException {
        MonotonicTime sent = clock.now();
        long mark = mirror.mark();
        String what = "reading " + keys.prefix();
        // What the managers keep there may be much, and no decision needs it.
        TxnRequest request = TxnRequest.newBuilder()
                .addSuccess(EtcdCalls.get(keys.first(), keys.absolute(Keys.MANAGER)))
                .addSuccess(EtcdCalls.get(keys.after(Keys.MANAGER), keys.end()))
                .build();
        TxnResponse response = asked(what, stub -> stub.txn(request));
        List<RawKey> found = response.getResponsesList().stream()
                .flatMap(part -> part.getResponseRange().getKvsList().stream())
                .map(kv -> EtcdCalls.raw(keys, kv))
                .toList();
        mirror.show(found, response.getHeader().getRevision(), mark);
        synchronized (reader) {
            return reader.view(found, response.getHeader().getRevision(), sent);
        }
    }

    List<KeyValue> range(String what, ByteString first, ByteString end) throws DcsUnavailableException {
        RangeRequest request =
                RangeRequest.newBuilder().setKey(first).setRangeEnd(end).build();
        return asked(what, stub -> stub.range(request)).getKvsList();
    }

    /** Linearizable: a member that is cut off from the quorum does not answer. */
    private <T> T asked(String what, Function<KVGrpc.KVBlockingStub, T> question) throws DcsUnavailableException {
        try {
            return endpoints.call(
                    what, budget, (channel, deadline, again) -> question.apply(EtcdCalls.kv(channel, deadline)));
        } catch (StatusRuntimeException e) {
            throw refused(what, e);
        }
    }

    /** The managers' part, over the same connection. */
    public KeySpace managers() {
        return new EtcdKeySpace(this, keys, writes);
    }

    private static DcsUnavailableException refused(String what, StatusRuntimeException e) {
        return new DcsUnavailableException(what + ": " + Statuses.describe(e.getStatus()), e);
    }

    @Override
    public LeaseId grantLease(Duration ttl) throws DcsUnavailableException {
        String what = "granting a lease";
        try {
            return new LeaseId(endpoints.write(
                    what, budget, (channel, deadline, again) -> EtcdCalls.grant(channel, deadline, ttl.toSeconds())));
        } catch (StatusRuntimeException e) {
            throw refused(what, e);
        }
    }

    @Override
    public Optional<Duration> keepAlive(LeaseId lease, Duration bound) throws DcsUnavailableException {
        String what = "renewing lease " + lease;
        try {
            long seconds = endpoints.callWithin(
                    what, bound, (channel, deadline, again) -> EtcdCalls.keepAlive(channel, deadline, lease.value()));
            return seconds > 0 ? Optional.of(Duration.ofSeconds(seconds)) : Optional.empty();
        } catch (StatusRuntimeException e) {
            if (Statuses.leaseIsGone(e.getStatus())) {
                return Optional.empty();
            }
            throw refused(what, e);
        }
    }

    @Override
    public Outcome acquireLeader(MemberName self, LeaseId lease, Optional<Revision> settles)
            throws DcsUnavailableException {
        ByteString key = keys.absolute(Keys.LEADER);
        ByteString failover = keys.absolute(Keys.FAILOVER);
        List<Compare> guards = new ArrayList<>(List.of(EtcdCalls.isAbsent(key)));
        List<RequestOp> then = new ArrayList<>(List.of(EtcdCalls.put(key, self.value(), lease.value())));
        settles.ifPresent(revision -> {
            guards.add(EtcdCalls.isUnchanged(failover, revision.value()));
            then.add(EtcdCalls.put(failover, KeyWriter.failover(Optional.empty()), NO_LEASE));
        });
        return writes.run(new Guarded(
                "acquiring the leader key",
                Keys.LEADER,
                guards,
                then,
                found -> found.filter(k -> k.value().equals(self.value()) && k.lease() == lease.value())
                        .isPresent()));
    }

    @Override
    public Outcome reattachLeader(MemberName self, LeaseId lease) throws DcsUnavailableException {
        ByteString key = keys.absolute(Keys.LEADER);
        return writes.run(new Guarded(
                "renewing the leader key",
                Keys.LEADER,
                EtcdCalls.hasValue(key, self.value()),
                List.of(EtcdCalls.put(key, self.value(), lease.value())),
                found -> false));
    }

    @Override
    public Outcome releaseLeader(LeaderKey held, Optional<ClusterStatus> status, Optional<MemberName> successor)
            throws DcsUnavailableException {
        ByteString key = keys.absolute(Keys.LEADER);
        List<RequestOp> then = new ArrayList<>(List.of(EtcdCalls.delete(key)));
        status.ifPresent(s -> then.add(EtcdCalls.put(keys.absolute(Keys.STATUS), KeyWriter.status(s), NO_LEASE)));
        successor.ifPresent(name -> then.add(EtcdCalls.put(
                keys.absolute(Keys.FAILOVER),
                KeyWriter.failover(Optional.of(FailoverRequest.toSuccessor(name))),
                NO_LEASE)));
        try {
            return writes.run(new Guarded(
                    "releasing the leader key",
                    Keys.LEADER,
                    EtcdCalls.isUnchanged(key, held.modRevision().value()),
                    then,
                    found -> found.filter(k -> k.value().equals(held.holder().value()))
                            .isEmpty()));
        } finally {
            mirror.forget(Keys.STATUS);
        }
    }

    @Override
    public Outcome putMember(MemberName self, MemberReport report, LeaseId lease) throws DcsUnavailableException {
        return writes.put(Keys.member(self), KeyWriter.member(report), lease.value());
    }

    @Override
    public Outcome claimInitialize(LeaseId lease) throws DcsUnavailableException {
        ByteString key = keys.absolute(Keys.INITIALIZE);
        return writes.run(new Guarded(
                "claiming initialize",
                Keys.INITIALIZE,
                EtcdCalls.isAbsent(key),
                List.of(EtcdCalls.put(key, "", lease.value())),
                found -> found.filter(k -> k.value().isEmpty() && k.lease() == lease.value())
                        .isPresent()));
    }

    @Override
    public Outcome putInitialize(SystemIdentifier identifier) throws DcsUnavailableException {
        return writes.put(Keys.INITIALIZE, identifier.value(), NO_LEASE);
    }

    @Override
    public Outcome dropInitializeClaim(Revision expected) throws DcsUnavailableException {
        ByteString key = keys.absolute(Keys.INITIALIZE);
        return writes.run(new Guarded(
                "dropping the claim on initialize",
                Keys.INITIALIZE,
                EtcdCalls.isUnchanged(key, expected.value()),
                List.of(EtcdCalls.delete(key)),
                Optional::isEmpty));
    }

    @Override
    public Optional<Versioned> readConfig() throws DcsUnavailableException {
        return range("reading config", keys.absolute(Keys.CONFIG), ByteString.EMPTY).stream()
                .findFirst()
                .map(kv -> new Versioned(kv.getValue().toStringUtf8(), new Revision(kv.getModRevision())));
    }

    @Override
    public Outcome writeConfig(String json, Optional<Revision> expected) throws DcsUnavailableException {
        return write(Keys.CONFIG, Optional.of(json), expected);
    }

    @Override
    public Outcome writeFailover(Optional<FailoverRequest> request, Optional<Revision> expected)
            throws DcsUnavailableException {
        return write(Keys.FAILOVER, Optional.of(KeyWriter.failover(request)), expected);
    }

    @Override
    public Outcome writeSync(Optional<SyncState> state, Optional<Revision> expected) throws DcsUnavailableException {
        return write(Keys.SYNC, state.map(KeyWriter::sync), expected);
    }

    private Outcome write(String name, Optional<String> value, Optional<Revision> expected)
            throws DcsUnavailableException {
        ByteString key = keys.absolute(name);
        RequestOp then = value.map(text -> EtcdCalls.put(key, text, NO_LEASE)).orElseGet(() -> EtcdCalls.delete(key));
        // A revision is never negative, so without an expectation the guard always holds.
        Compare guard = expected.map(revision -> EtcdCalls.isUnchanged(key, revision.value()))
                .orElseGet(() -> EtcdCalls.always(key));
        return writes.run(new Guarded(
                "writing " + name,
                name,
                guard,
                List.of(then),
                found -> found.map(RawKey::value).equals(value)));
    }

    @Override
    public Outcome claimTimeline(Timeline timeline, MemberName by, Revision expected) throws DcsUnavailableException {
        return write(Keys.TIMELINE, Optional.of(KeyWriter.timelineClaim(timeline, by)), Optional.of(expected));
    }

    @Override
    public Outcome writeUnfenced(Optional<MemberName> name, Revision expected) throws DcsUnavailableException {
        return write(Keys.UNFENCED, name.map(MemberName::value), Optional.of(expected));
    }

    @Override
    public Outcome putHistory(List<HistoryEntry> history) throws DcsUnavailableException {
        return writes.put(Keys.HISTORY, KeyWriter.history(history), NO_LEASE);
    }

    @Override
    public Outcome putStatus(ClusterStatus status) throws DcsUnavailableException {
        return writes.put(Keys.STATUS, KeyWriter.status(status), NO_LEASE);
    }

    @Override
    public Outcome putFailsafe(Map<MemberName, String> members) throws DcsUnavailableException {
        return writes.put(Keys.FAILSAFE, KeyWriter.failsafe(members), NO_LEASE);
    }

    @Override
    public void watch(Runnable onChange) {
        var watch = new PrefixWatch(keys, endpoints, eventLoop.next(), onChange);
        synchronized (watches) {
            watches.add(watch);
        }
        endpoints.onRotation(this::tellWatches);
        watch.start();
    }

    private void tellWatches() {
        synchronized (watches) {
            watches.forEach(PrefixWatch::endpointLeft);
        }
    }

    @Override
    public void close() {
        synchronized (watches) {
            watches.forEach(PrefixWatch::close);
            watches.clear();
        }
        endpoints.close();
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
