package io.matriarch.web.support;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.Readiness;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.StorageView;
import io.matriarch.ha.model.SyncState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.model.WalSenderFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A cluster of members n1 (leader), n2, n3, and the status of one of them; each value can be changed before it is made. */
public final class Statuses {
    public static final MonotonicTime NOW = new MonotonicTime(1_000_000_000_000L);
    public static final long LEADER_AT = 67_108_960L;
    public static final Duration TTL = Duration.ofSeconds(20);

    public String self = "n1";
    public Optional<String> leader = Optional.of("n1");
    public List<String> members = List.of("n1", "n2", "n3");
    public SynchronousMode mode = SynchronousMode.OFF;
    public Set<String> listed = Set.of();
    public boolean pause;
    public boolean failsafeMode;
    public boolean failsafeActive;
    public boolean dcsLost;
    public Optional<String> configText = Optional.of("{\"ttl\":20}");
    public PostgresState postgres = PostgresState.RUNNING;
    public Optional<PostgresRole> role = Optional.empty();
    public Map<String, String> tags = Map.of();
    public long replayed = LEADER_AT;
    public ReplicationState replication = ReplicationState.STREAMING;
    public List<WalSenderFacts> senders = List.of();
    public Map<String, String> pendingRestart = Map.of();
    public Optional<MemberRole> memberRole = Optional.empty();

    public static Statuses of(String self) {
        var made = new Statuses();
        made.self = self;
        return made;
    }

    public Statuses sync(SynchronousMode synchronousMode, String... standbys) {
        mode = synchronousMode;
        listed = Set.of(standbys);
        return this;
    }

    public boolean leads() {
        return leader.filter(self::equals).isPresent();
    }

    public NodeStatus make() {
        var cluster = cluster();
        var dcs = dcsLost
                ? new DcsView.Lost(NOW, "no endpoint answers", Optional.of(cluster))
                : new DcsView.Reachable(cluster);
        return new NodeStatus(
                new Scope("service", "lab"),
                new MemberName(self),
                "0.1.0",
                NOW,
                NOW.plus(Duration.ofSeconds(2)),
                dcs,
                node(),
                leads(),
                leads() ? Optional.of(NOW.plus(Duration.ofSeconds(15))) : Optional.empty(),
                Optional.of(Instant.ofEpochSecond(1_795_379_959L)),
                failsafeActive,
                state(),
                memberRole.orElse(isPrimary() ? MemberRole.PRIMARY : MemberRole.REPLICA),
                150018,
                Optional.of(Instant.parse("2026-11-23T05:30:13.716425Z")),
                isPrimary() ? Optional.empty() : Optional.of(Instant.parse("2026-11-23T05:31:00Z")),
                pendingRestart,
                Optional.empty(),
                Optional.empty(),
                new Readiness(
                        Optional.of(new MemberName("n2")),
                        Duration.ofMillis(6000),
                        Optional.of(0L),
                        "n2 would take over",
                        List.of()),
                Optional.empty(),
                Duration.ofMillis(12));
    }

    public ClusterView cluster() {
        var views = new TreeMap<MemberName, MemberView>();
        members.forEach(name -> views.put(new MemberName(name), member(name)));
        return new ClusterView(
                new Revision(42),
                NOW,
                Optional.of(new InitializeKey(
                        Optional.of(new SystemIdentifier("7711234983839920817")), Optional.empty(), new Revision(2))),
                leader.map(name ->
                        new LeaderKey(new MemberName(name), Optional.empty(), new Revision(3), new Revision(3))),
                views,
                config(),
                configText,
                new ClusterStatus(Optional.of(new Lsn(LEADER_AT)), Map.of(), List.of()),
                mode == SynchronousMode.OFF
                        ? Optional.empty()
                        : Optional.of(new SyncState(
                                leader.map(MemberName::new),
                                Set.copyOf(listed.stream().map(MemberName::new).toList()),
                                mode == SynchronousMode.QUORUM ? 1 : 0,
                                new Revision(5))),
                Optional.empty(),
                List.of(),
                true,
                failsafeMode ? Map.of(new MemberName("n1"), url("n1")) : Map.of(),
                Optional.empty(),
                Optional.empty());
    }

    private ClusterConfig config() {
        var d = ClusterConfig.DEFAULTS;
        return new ClusterConfig(
                TTL,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofSeconds(4),
                d.maximumLagOnFailoverBytes(),
                false,
                d.primaryStartTimeout(),
                d.primaryStopTimeout(),
                mode,
                false,
                1,
                -1,
                failsafeMode,
                pause,
                true,
                true,
                d.memberSlotsTtl(),
                0);
    }

    private MemberView member(String name) {
        boolean first = leader.filter(name::equals).isPresent();
        Optional<Lsn> replica = first ? Optional.empty() : Optional.of(new Lsn(LEADER_AT - 96));
        var report = new MemberReport(
                "postgres://127.0.0.1:1553" + name.substring(1) + "/postgres",
                url(name),
                Optional.empty(),
                MemberState.RUNNING,
                first ? MemberRole.PRIMARY : MemberRole.REPLICA,
                "4.1.4",
                Optional.of("matriarch/0.1.0"),
                new Tags(name.equals(self) ? tags : Map.of()),
                Optional.of(new Lsn(first ? LEADER_AT : LEADER_AT - 96)),
                replica,
                replica,
                first ? ReplicationState.NONE : ReplicationState.STREAMING,
                Optional.of(new Timeline(1)),
                false,
                false,
                pause,
                Optional.empty());
        return new MemberView(new MemberName(name), report, Optional.empty(), new Revision(4));
    }

    private static String url(String name) {
        return "http://127.0.0.1:1810" + name.substring(1) + "/patroni";
    }

    private boolean isPrimary() {
        return role.orElse(leads() ? PostgresRole.PRIMARY : PostgresRole.REPLICA) == PostgresRole.PRIMARY;
    }

    private MemberState state() {
        return switch (postgres) {
            case RUNNING -> MemberState.RUNNING;
            case STARTING, HUNG, UNKNOWN -> MemberState.STARTING;
            case STOPPING -> MemberState.STOPPING;
            case STOPPED -> MemberState.STOPPED;
            case CRASHED -> MemberState.CRASHED;
        };
    }

    private NodeView node() {
        var position = isPrimary()
                ? new WalPosition(
                        new Timeline(1),
                        new Lsn(LEADER_AT),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        ReplicationState.NONE,
                        false)
                : new WalPosition(
                        new Timeline(1),
                        new Lsn(replayed),
                        Optional.of(new Lsn(replayed)),
                        Optional.of(new Lsn(replayed)),
                        Optional.empty(),
                        replication,
                        false);
        var control = new ControlFacts(
                new SystemIdentifier("7711234983839920817"),
                ControlFacts.ControlState.IN_PRODUCTION,
                new Timeline(1),
                new Lsn(1024),
                new Lsn(1024),
                Optional.empty());
        return new NodeView(
                new MemberName(self),
                new Tags(tags),
                DataDirectory.PRESENT,
                Optional.of(control),
                postgres,
                NOW,
                isPrimary() ? PostgresRole.PRIMARY : PostgresRole.REPLICA,
                postgres == PostgresState.RUNNING ? Optional.of(position) : Optional.empty(),
                Optional.empty(),
                senders,
                Optional.empty(),
                "",
                StorageView.UNKNOWN,
                FenceView.UNREACHABLE,
                true,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                FailsafeView.NONE,
                Optional.empty(),
                Optional.empty(),
                false,
                !isPrimary(),
                Map.of(),
                Instant.parse("2026-11-23T05:31:00Z"),
                LocalRequest.NONE);
    }
}
