package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.Liveness;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineClaim;
import io.matriarch.ha.model.TimelineSwitch;
import io.matriarch.ha.model.Upstream;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.model.WalSenderFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What one cycle sees, for tests: a healthy three-member cluster on timeline 2 with everybody at {@link #END}, from which a test departs.
 * Begin with {@link #replica}, {@link #primary} or {@link #leaderless}, change what the claim is about, then {@link #decide}.
 */
final class Views {
    static final MemberName ME = new MemberName("pg1");
    static final MemberName OTHER = new MemberName("pg2");
    static final MemberName THIRD = new MemberName("pg3");
    static final MonotonicTime NOW = new MonotonicTime(1_000_000_000_000L);
    static final Instant TODAY = Instant.parse("2026-01-01T12:00:00Z");
    static final SystemIdentifier SYSTEM = new SystemIdentifier("7300000000000000001");
    static final LeaseId LEASE = new LeaseId(11);
    static final LeaseId OLDER_LEASE = new LeaseId(10);
    static final LeaseId THEIR_LEASE = new LeaseId(22);
    static final Timeline TL1 = new Timeline(1);
    static final Timeline TL2 = new Timeline(2);
    static final Lsn SWITCHED = Lsn.parse("0/2000000");
    static final Lsn END = Lsn.parse("0/3000000");

    private DcsView dcs;
    private ClusterView cluster;
    private NodeView node;
    private HaMemory memory = HaMemory.EMPTY.with(m -> {
        m.startedAt = Optional.of(ago(Duration.ofMinutes(10)));
        m.lastLeader = Optional.of(OTHER);
        m.lastMembers = Map.of(OTHER, url(OTHER), THIRD, url(THIRD));
    });

    private Views() {
        cluster = new ClusterView(
                new Revision(100),
                NOW,
                Optional.of(new InitializeKey(Optional.of(SYSTEM), Optional.empty(), new Revision(2))),
                Optional.empty(),
                Map.of(
                        ME, member(ME, MemberRole.REPLICA, LEASE),
                        OTHER, member(OTHER, MemberRole.REPLICA, THEIR_LEASE),
                        THIRD, member(THIRD, MemberRole.REPLICA, new LeaseId(33))),
                ClusterConfig.DEFAULTS,
                Optional.of("{}"),
                new ClusterStatus(Optional.of(END), Map.of(), List.of()),
                Optional.empty(),
                Optional.empty(),
                List.of(new io.matriarch.ha.model.HistoryEntry(TL1, SWITCHED, "", Optional.empty(), Optional.of(ME))),
                true,
                Map.of(ME, url(ME), OTHER, url(OTHER), THIRD, url(THIRD)),
                Optional.of(new TimelineClaim(TL2, ME, new Revision(50))),
                Optional.empty());
        dcs = new DcsView.Reachable(cluster);
        node = new NodeView(
                ME,
                Tags.NONE,
                DataDirectory.PRESENT,
                Optional.of(facts(ControlFacts.ControlState.IN_ARCHIVE_RECOVERY)),
                PostgresState.RUNNING,
                ago(Duration.ofMinutes(10)),
                PostgresRole.REPLICA,
                Optional.of(position(END, ReplicationState.STREAMING)),
                Optional.empty(),
                List.of(),
                Optional.of(upstream(OTHER)),
                "",
                StorageView.UNKNOWN,
                fence(FenceView.State.RUNNING, Optional.empty()),
                true,
                Optional.of(lease(LEASE, in(Duration.ofSeconds(4)))),
                Optional.empty(),
                Map.of(),
                FailsafeView.NONE,
                Optional.empty(),
                Optional.empty(),
                false,
                true,
                Map.of(),
                TODAY,
                LocalRequest.NONE);
    }

    /** This member streams from the leader {@link #OTHER}. */
    static Views replica() {
        return new Views().leader(OTHER, THEIR_LEASE);
    }

    /** This member leads; its primary runs, its lease is safe and the fence is armed. */
    /** A replica whose data belong to another cluster than this one. */
    static Views foreigner() {
        return replica()
                .cluster(
                        "initialize",
                        Optional.of(new InitializeKey(
                                Optional.of(new SystemIdentifier("7300000000000000099")),
                                Optional.empty(),
                                new Revision(2))));
    }

    static Views primary() {
        var views = new Views().leader(ME, LEASE).memory(m -> {
            m.lastLeader = Optional.of(ME);
            m.wasPrimary = true;
            m.lastFlush = Optional.of(new HaMemory.WalMark(TL2, END));
        });
        return views.node("role", PostgresRole.PRIMARY)
                .control(ControlFacts.ControlState.IN_PRODUCTION)
                .node("standbySignal", false)
                .node("wal", Optional.of(position(END, ReplicationState.NONE)))
                .node("configuredUpstream", Optional.empty())
                .node("slots", Map.of("pg2", END, "pg3", END))
                .cluster(
                        "status",
                        new ClusterStatus(Optional.of(END), Map.of("pg1", END, "pg2", END, "pg3", END), List.of()))
                .deadline(in(Duration.ofSeconds(4)));
    }

    /** This member led; its primary is down without a process left, its lease is safe. */
    static Views fallenPrimary(PostgresState how) {
        return primary()
                .postgres(how)
                .node("wal", Optional.empty())
                .node("fence", fence(FenceView.State.IDLE, Optional.of(in(Duration.ofSeconds(4)))));
    }

    /** This member's data was last written as a primary, nobody of it lives, and {@link #OTHER} leads. */
    static Views formerPrimary() {
        return fallenPrimary(PostgresState.STOPPED)
                .node("fence", fence(FenceView.State.IDLE, Optional.empty()))
                .leader(OTHER, THEIR_LEASE);
    }

    /** Nobody leads; everybody runs a replica at the same position and answers. */
    static Views leaderless() {
        return new Views()
                .node("wal", Optional.of(position(END, ReplicationState.NONE)))
                .peers(peer(OTHER, END), peer(THIRD, END))
                .memory(m -> m.leaderlessSince = Optional.of(ago(Duration.ofSeconds(1))));
    }

    /** Nobody leads, no system identifier is published, and there are no data here. */
    static Views newCluster() {
        return new Views()
                .cluster("initialize", Optional.empty())
                .cluster("history", List.of())
                .cluster("historyPresent", false)
                .cluster("failsafe", Map.of())
                .without(DataDirectory.EMPTY);
    }

    Views leader(MemberName name, LeaseId lease) {
        var members = new TreeMap<>(cluster.members());
        members.computeIfPresent(name, (n, m) -> member(n, MemberRole.PRIMARY, lease));
        return cluster("members", members)
                .cluster(
                        "leader",
                        Optional.of(new LeaderKey(name, Optional.of(lease), new Revision(50), new Revision(50))));
    }

    Views noLeader() {
        return cluster("leader", Optional.empty());
    }

    /** No PostgreSQL and no complete data here. */
    Views without(DataDirectory data) {
        return node("data", data)
                .postgres(PostgresState.STOPPED)
                .node("role", PostgresRole.UNKNOWN)
                .node("control", Optional.empty())
                .node("wal", Optional.empty())
                .node("standbySignal", false)
                .node("configuredUpstream", Optional.empty())
                .node("fence", fence(FenceView.State.IDLE, Optional.empty()));
    }

    /** The replica's PostgreSQL is down. */
    Views down(PostgresState how) {
        return postgres(how)
                .node("wal", Optional.empty())
                .control(ControlFacts.ControlState.SHUT_DOWN_IN_RECOVERY)
                .node("fence", fence(FenceView.State.IDLE, Optional.empty()));
    }

    Views postgres(PostgresState state) {
        return node("postgres", state);
    }

    Views postgres(PostgresState state, Duration since) {
        return postgres(state).node("postgresSince", ago(since));
    }

    Views control(ControlFacts.ControlState state) {
        return node("control", Optional.of(facts(state, TL2)));
    }

    Views wal(Lsn lsn) {
        var before = node.wal().map(WalPosition::replicationState).orElse(ReplicationState.NONE);
        return node("wal", Optional.of(position(lsn, before)));
    }

    Views streamsFrom(MemberName leader) {
        return node("wal", Optional.of(position(END, ReplicationState.STREAMING)))
                .node(
                        "configuredUpstream",
                        Optional.of(new Upstream(Optional.of(leader), "there", 5432, Optional.empty())));
    }

    Views notStreaming(Duration since) {
        return node("wal", Optional.of(position(END, ReplicationState.NONE)))
                .memory(m -> m.notStreamingSince = Optional.of(ago(since)));
    }

    Views deadline(MonotonicTime at) {
        return node("fence", fence(FenceView.State.RUNNING, Optional.of(at)));
    }

    Views noDeadline() {
        return node("fence", fence(FenceView.State.RUNNING, Optional.empty()));
    }

    Views fenceState(FenceView.State state) {
        return node("fence", fence(state, node.fence().deadline()));
    }

    Views lease(LeaseId id, Duration safeFor) {
        return node("lease", Optional.of(lease(id, in(safeFor))));
    }

    Views noLease() {
        return node("lease", Optional.empty());
    }

    Views request(LocalRequest request) {
        return node("request", request);
    }

    Views tags(String... keysAndValues) {
        return node("tags", tagsOf(keysAndValues));
    }

    Views peers(PeerView... peers) {
        var all = new TreeMap<MemberName, PeerView>();
        for (var peer : peers) {
            all.put(peer.name(), peer);
        }
        return node("peers", all);
    }

    Views running(JobKind kind) {
        return node("job", Optional.of(new JobView(kind, NOW, Optional.empty(), 0, Optional.empty())));
    }

    Views finished(JobKind kind, Outcome how) {
        return node("job", Optional.of(new JobView(kind, NOW, Optional.of(how), 0, Optional.empty())));
    }

    Views evidence(RejoinEvidence evidence) {
        return node("rejoin", Optional.of(evidence));
    }

    Views failover(Optional<MemberName> leader, Optional<MemberName> candidate, Optional<Instant> at) {
        return cluster("failover", Optional.of(new FailoverRequest(leader, candidate, at, false, new Revision(90))));
    }

    /** The diverged WAL of our timeline is saved from here on. */
    Views salvaged(Lsn from) {
        return memory(m -> {
            m.salvageFrom = Optional.of(new HaMemory.WalMark(TL2, from));
            m.salvaged = true;
        });
    }

    /** Whom the old leader left its key to. */
    Views successor(MemberName name) {
        return cluster("failover", Optional.of(FailoverRequest.toSuccessor(name)));
    }

    Views sync(Optional<MemberName> leader, Set<MemberName> standbys, int quorum) {
        return cluster("sync", Optional.of(new SyncState(leader, standbys, quorum, new Revision(80))));
    }

    Views senders(WalSenderFacts... senders) {
        return node("senders", List.of(senders));
    }

    Views config(String component, Object value) {
        return cluster("config", Records.with(cluster.config(), component, value));
    }

    Views cluster(String component, Object value) {
        cluster = Records.with(cluster, component, value);
        dcs = dcs instanceof DcsView.Lost lost
                ? new DcsView.Lost(lost.since(), lost.reason(), Optional.of(cluster))
                : new DcsView.Reachable(cluster);
        return this;
    }

    Views node(String component, Object value) {
        node = Records.with(node, component, value);
        return this;
    }

    Views memory(Consumer<HaMemory.Draft> change) {
        memory = memory.with(change);
        return this;
    }

    /** The agent has just started. */
    Views freshAgent() {
        memory = HaMemory.EMPTY;
        return this;
    }

    Views dcsLost() {
        dcs = new DcsView.Lost(ago(Duration.ofSeconds(2)), "no quorum answered", Optional.of(cluster));
        return this;
    }

    Views dcsNeverSeen() {
        dcs = new DcsView.Lost(ago(Duration.ofSeconds(2)), "no quorum answered", Optional.empty());
        return this;
    }

    ClusterView cluster() {
        return cluster;
    }

    NodeView node() {
        return node;
    }

    HaMemory memory() {
        return memory;
    }

    DcsView dcs() {
        return dcs;
    }

    Decision decide() {
        return HaDecider.decide(dcs, node, memory, NOW);
    }

    Needs needs() {
        return HaDecider.needs(dcs, node, memory, NOW);
    }

    Cycle cycle() {
        return new Cycle(cluster, node, memory, NOW);
    }

    static MonotonicTime ago(Duration d) {
        return NOW.minus(d);
    }

    static MonotonicTime in(Duration d) {
        return NOW.plus(d);
    }

    static String url(MemberName name) {
        return "http://" + name + ":8008/patroni";
    }

    static Upstream upstream(MemberName name) {
        return new Upstream(Optional.of(name), name.value(), 5432, Optional.of(ME.slotName()));
    }

    static FenceView fence(FenceView.State state, Optional<MonotonicTime> deadline) {
        boolean child = state == FenceView.State.RUNNING || state == FenceView.State.STOPPING;
        return new FenceView(state, child ? 4711 : 0, deadline, Optional.empty());
    }

    static LeaseView lease(LeaseId id, MonotonicTime safeUntil) {
        return new LeaseView(id, ago(Duration.ofMillis(100)), safeUntil);
    }

    static ControlFacts facts(ControlFacts.ControlState state) {
        return facts(state, TL2);
    }

    static ControlFacts facts(ControlFacts.ControlState state, Timeline timeline) {
        return new ControlFacts(SYSTEM, state, timeline, SWITCHED, SWITCHED, Optional.empty());
    }

    static WalPosition position(Lsn lsn, ReplicationState state) {
        return new WalPosition(TL2, lsn, Optional.of(lsn), Optional.of(lsn), Optional.of(lsn), state, false);
    }

    static MemberView member(MemberName name, MemberRole role, LeaseId lease) {
        return new MemberView(
                name,
                new MemberReport(
                        "postgres://" + name + ":5432/postgres",
                        url(name),
                        Optional.empty(),
                        MemberState.RUNNING,
                        role,
                        "4.0.0",
                        Optional.of("matriarch/0.1.0"),
                        Tags.NONE,
                        Optional.of(END),
                        Optional.of(END),
                        Optional.of(END),
                        ReplicationState.STREAMING,
                        Optional.of(TL2),
                        false,
                        false,
                        false,
                        Optional.empty()),
                Optional.of(lease),
                new Revision(60));
    }

    /** Changes what a member's key says. */
    Views report(MemberName name, String component, Object value) {
        var members = new TreeMap<>(cluster.members());
        members.computeIfPresent(name, (n, m) -> Records.with(m, "report", Records.with(m.report(), component, value)));
        return cluster("members", members);
    }

    Views withoutMember(MemberName name) {
        var members = new TreeMap<>(cluster.members());
        members.remove(name);
        return cluster("members", members);
    }

    static PeerView peer(MemberName name, Lsn wal, String... tags) {
        return new PeerView(
                name,
                Liveness.ALIVE,
                PostgresRole.REPLICA,
                Optional.of(MemberState.RUNNING),
                Optional.of(TL2),
                Optional.of(wal),
                ReplicationState.NONE,
                tagsOf(tags),
                false,
                Optional.empty());
    }

    static WalSenderFacts sender(MemberName name, String syncState, Lsn flushed) {
        return new WalSenderFacts(
                name.value(),
                "replicator",
                Optional.empty(),
                "streaming",
                syncState,
                1,
                Optional.of(flushed),
                Optional.of(flushed));
    }

    static Tags tagsOf(String... keysAndValues) {
        var tags = new TreeMap<String, String>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            tags.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Tags(tags);
    }

    /** The leader is on timeline 3, which left timeline 2 at {@code left}; our timeline 2 ends at {@code localEnd}. */
    static RejoinEvidence leaderWentOnAt(Lsn left, Lsn localEnd) {
        var first = new TimelineSwitch(TL1, SWITCHED, "");
        return new RejoinEvidence(
                OTHER,
                SYSTEM,
                new Timeline(3),
                true,
                List.of(first, new TimelineSwitch(TL2, left, "")),
                List.of(first),
                TL2,
                localEnd);
    }

    static Lsn plus(Lsn lsn, long bytes) {
        return new Lsn(lsn.bytes() + bytes);
    }

    /** The actions' names, for claims about what is and is not done. */
    static List<String> names(Decision d) {
        var names = new ArrayList<String>();
        for (Action action : d.actions()) {
            names.add(action.getClass().getSimpleName());
        }
        return names;
    }

    /** The one action of that kind. */
    static <A extends Action> A only(Decision d, Class<A> kind) {
        var found =
                d.actions().stream().filter(kind::isInstance).map(kind::cast).toList();
        if (found.size() != 1) {
            throw new AssertionError(
                    "expected one " + kind.getSimpleName() + ", but " + d.rule() + " decided " + d.actions());
        }
        return found.get(0);
    }
}
