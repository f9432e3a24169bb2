package io.matriarch.ha.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.ControlFacts;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.StopMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Every combination of what a cycle can see of a member, possible or not, decided once: whatever the world looks like, some things must
 * never be done, and something must always follow.
 */
class SmallWorldTest {
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(10);

    /** Who holds the leader key, and whether we have a licence for it. */
    private enum Key {
        NOBODY,
        OTHER,
        MINE_SAFE,
        MINE_UNSAFE,
        MINE_ON_OLDER_LEASE,
        MINE_WITHOUT_LEASE,
        NOBODY_AND_NO_LEASE
    }

    private enum Fence {
        IDLE,
        RUNNING_FREE,
        RUNNING_ARMED,
        RUNNING_PASSED,
        STOPPING,
        FENCED,
        UNREACHABLE,
        OUTSIDE
    }

    private enum Dcs {
        READ,
        LOST,
        LOST_CONFIRMED,
        PAUSED,
        NO_INITIALIZE,
        NEVER_SEEN
    }

    private static final Dcs[] SEEN = {Dcs.READ, Dcs.LOST, Dcs.LOST_CONFIRMED, Dcs.PAUSED, Dcs.NO_INITIALIZE};

    private enum Job {
        NONE,
        REWINDS,
        CHECKPOINTS,
        CLONED,
        CLONE_FAILED,
        REWOUND,
        REWIND_FAILED,
        SALVAGED,
        INITDB_FAILED
    }

    private enum Memory {
        EMPTY,
        REPLICA,
        PRIMARY,
        HANDOVER,
        PROMOTING
    }

    @Test
    void nothingDangerousFollowsFromAnyCombination() {
        var broken = new TreeMap<String, List<String>>();
        var known = new HashMap<World, DcsView>();
        forEach(w -> check(w, w.look(known), broken));
        var summary = new ArrayList<String>();
        broken.forEach((claim, cases) -> summary.add(claim + ": " + cases.size() + " cases, first " + cases.get(0)));
        assertThat(summary).isEmpty();
    }

    private static void forEach(Consumer<World> use) {
        for (var key : Key.values()) {
            for (var dcs : key == Key.NOBODY ? Dcs.values() : SEEN) {
                for (var fence : Fence.values()) {
                    for (var data : DataDirectory.values()) {
                        for (var postgres : PostgresState.values()) {
                            for (var role : PostgresRole.values()) {
                                for (var request : LocalRequest.values()) {
                                    for (var job : Job.values()) {
                                        for (var memory : memories(job, role)) {
                                            use.accept(new World(
                                                    key, dcs, fence, data, postgres, role, request, job, memory));
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /** What is remembered matters for itself; beside a job one memory that fits is enough. */
    private static Set<Memory> memories(Job job, PostgresRole role) {
        if (job == Job.NONE) {
            return EnumSet.allOf(Memory.class);
        }
        return EnumSet.of(role == PostgresRole.PRIMARY ? Memory.PRIMARY : Memory.REPLICA);
    }

    private record World(
            Key key,
            Dcs dcs,
            Fence fence,
            DataDirectory data,
            PostgresState postgres,
            PostgresRole role,
            LocalRequest request,
            Job job,
            Memory memory) {

        /** A world without the slow reflection of {@link Views}: there are more than a million. */
        Seen look(Map<World, DcsView> known) {
            // What the DCS shows depends on two of the parts alone.
            var part = new World(
                    key,
                    dcs,
                    Fence.IDLE,
                    DataDirectory.EMPTY,
                    PostgresState.STOPPED,
                    PostgresRole.UNKNOWN,
                    LocalRequest.NONE,
                    Job.NONE,
                    Memory.EMPTY);
            return new Seen(known.computeIfAbsent(part, World::dcsView), nodeView(), memoryView());
        }

        private DcsView dcsView() {
            var base = Base.CLUSTER;
            var cluster = new io.matriarch.ha.model.ClusterView(
                    base.revision(),
                    base.readAt(),
                    dcs == Dcs.NO_INITIALIZE ? Optional.empty() : base.initialize(),
                    leader(),
                    base.members(),
                    dcs == Dcs.PAUSED ? Base.PAUSED : base.config(),
                    base.configText(),
                    base.status(),
                    base.sync(),
                    base.failover(),
                    base.history(),
                    base.historyPresent(),
                    base.failsafe(),
                    base.timelineClaim(),
                    base.unfenced());
            return switch (dcs) {
                case READ, PAUSED, NO_INITIALIZE -> new DcsView.Reachable(cluster);
                case LOST, LOST_CONFIRMED ->
                    new DcsView.Lost(Views.ago(Duration.ofSeconds(2)), "no quorum", Optional.of(cluster));
                case NEVER_SEEN -> new DcsView.Lost(Views.ago(Duration.ofSeconds(2)), "no quorum", Optional.empty());
            };
        }

        private Optional<LeaderKey> leader() {
            var at = new Revision(50);
            return switch (key) {
                case NOBODY, NOBODY_AND_NO_LEASE -> Optional.empty();
                case OTHER -> Optional.of(new LeaderKey(Views.OTHER, Optional.of(Views.THEIR_LEASE), at, at));
                case MINE_SAFE, MINE_UNSAFE, MINE_WITHOUT_LEASE ->
                    Optional.of(new LeaderKey(Views.ME, Optional.of(Views.LEASE), at, at));
                case MINE_ON_OLDER_LEASE ->
                    Optional.of(new LeaderKey(Views.ME, Optional.of(Views.OLDER_LEASE), at, at));
            };
        }

        private Optional<io.matriarch.ha.model.LeaseView> lease() {
            return switch (key) {
                case NOBODY, OTHER, MINE_SAFE, MINE_ON_OLDER_LEASE ->
                    Optional.of(Views.lease(Views.LEASE, Views.in(Duration.ofSeconds(3))));
                case MINE_UNSAFE -> Optional.of(Views.lease(Views.LEASE, Views.ago(Duration.ofMillis(1))));
                case MINE_WITHOUT_LEASE, NOBODY_AND_NO_LEASE -> Optional.empty();
            };
        }

        private FenceView fenceView() {
            var later = Optional.of(Views.in(Duration.ofSeconds(3)));
            return switch (fence) {
                case IDLE, OUTSIDE -> Views.fence(FenceView.State.IDLE, Optional.empty());
                case RUNNING_FREE -> Views.fence(FenceView.State.RUNNING, Optional.empty());
                case RUNNING_ARMED -> Views.fence(FenceView.State.RUNNING, later);
                case RUNNING_PASSED ->
                    Views.fence(FenceView.State.RUNNING, Optional.of(Views.ago(Duration.ofMillis(1))));
                case STOPPING -> Views.fence(FenceView.State.STOPPING, later);
                case FENCED -> Views.fence(FenceView.State.FENCED, Optional.of(Views.ago(Duration.ofMillis(1))));
                case UNREACHABLE -> FenceView.UNREACHABLE;
            };
        }

        private Optional<JobView> jobView() {
            Outcome failed = new Outcome.Failed("no");
            return switch (job) {
                case NONE -> Optional.empty();
                case REWINDS -> job(JobKind.REWIND, Optional.empty());
                case CHECKPOINTS -> job(JobKind.CHECKPOINT, Optional.empty());
                case CLONED -> job(JobKind.CLONE, Optional.of(Outcome.DONE));
                case CLONE_FAILED -> job(JobKind.CLONE, Optional.of(failed));
                case REWOUND -> job(JobKind.REWIND, Optional.of(Outcome.DONE));
                case REWIND_FAILED -> job(JobKind.REWIND, Optional.of(failed));
                case SALVAGED -> job(JobKind.SALVAGE, Optional.of(Outcome.DONE));
                case INITDB_FAILED -> job(JobKind.INITDB, Optional.of(failed));
            };
        }

        private static Optional<JobView> job(JobKind kind, Optional<Outcome> result) {
            return Optional.of(new JobView(kind, Views.NOW, result, 0, Optional.empty()));
        }

        private io.matriarch.ha.model.NodeView nodeView() {
            var base = Base.NODE;
            boolean running = postgres == PostgresState.RUNNING;
            var state = role == PostgresRole.PRIMARY
                    ? ControlFacts.ControlState.IN_PRODUCTION
                    : ControlFacts.ControlState.IN_ARCHIVE_RECOVERY;
            var replication = role == PostgresRole.REPLICA ? ReplicationState.STREAMING : ReplicationState.NONE;
            var failsafe = dcs == Dcs.LOST_CONFIRMED
                    ? new io.matriarch.ha.model.FailsafeView(
                            Optional.of(Views.ago(Duration.ofMillis(100))),
                            Set.of(Views.OTHER, Views.THIRD),
                            Set.of(),
                            Optional.empty(),
                            Optional.empty())
                    : base.failsafe();
            return new io.matriarch.ha.model.NodeView(
                    base.self(),
                    base.tags(),
                    data,
                    data == DataDirectory.PRESENT ? Optional.of(Views.facts(state)) : Optional.empty(),
                    postgres,
                    base.postgresSince(),
                    role,
                    running ? Optional.of(Views.position(Views.END, replication)) : Optional.empty(),
                    base.endOfWal(),
                    base.senders(),
                    base.configuredUpstream(),
                    base.appliedStandbyNames(),
                    base.storage(),
                    fenceView(),
                    fence != Fence.OUTSIDE,
                    lease(),
                    jobView(),
                    base.peers(),
                    failsafe,
                    base.rejoin(),
                    base.rejoinFailure(),
                    base.settingsChanged(),
                    role == PostgresRole.REPLICA,
                    base.slots(),
                    base.wallClock(),
                    request);
        }

        private HaMemory memoryView() {
            return switch (memory) {
                case EMPTY -> HaMemory.EMPTY;
                case REPLICA -> Base.AS_REPLICA;
                case PRIMARY -> Base.AS_PRIMARY;
                case HANDOVER -> Base.HANDING_OVER;
                case PROMOTING -> Base.PROMOTING;
            };
        }

        boolean runningPrimary() {
            return postgres == PostgresState.RUNNING && role == PostgresRole.PRIMARY;
        }
    }

    private record Seen(DcsView dcs, io.matriarch.ha.model.NodeView node, HaMemory memory) {}

    /** The parts that do not vary, made once. */
    private static final class Base {
        static final io.matriarch.ha.model.ClusterView CLUSTER = Views.replica().cluster();
        static final io.matriarch.ha.model.ClusterConfig PAUSED =
                Records.with(io.matriarch.ha.model.ClusterConfig.DEFAULTS, "pause", true);
        static final io.matriarch.ha.model.NodeView NODE = Views.replica()
                .peers(Views.peer(Views.OTHER, Views.END), Views.peer(Views.THIRD, Views.END))
                .node();
        static final HaMemory AS_REPLICA = Views.replica().memory();
        static final HaMemory AS_PRIMARY = Views.primary().memory();
        static final HaMemory HANDING_OVER = AS_PRIMARY.with(m -> m.handover = Optional.of(new HaMemory.Handover(
                Views.OTHER, Views.ago(Duration.ofSeconds(1)), HaMemory.Handover.Phase.STOPPING)));
        static final HaMemory PROMOTING =
                AS_REPLICA.with(m -> m.promotedAt = Optional.of(Views.ago(Duration.ofSeconds(1))));
    }

    private static void check(World w, Seen seen, Map<String, List<String>> broken) {
        Decision d;
        try {
            if (w.job == Job.NONE && w.memory != Memory.EMPTY) {
                HaDecider.needs(seen.dcs(), seen.node(), seen.memory(), Views.NOW);
            }
            d = HaDecider.decide(seen.dcs(), seen.node(), seen.memory(), Views.NOW);
        } catch (RuntimeException e) {
            note(broken, "decide never throws", w, e.toString());
            return;
        }
        var wait = d.wakeUpAt().since(Views.NOW);
        require(!wait.isNegative() && wait.compareTo(LONGEST_SLEEP) <= 0, "wakes up within a bound", w, d, broken);
        require(
                !wait.isZero() || !d.actions().isEmpty() || !d.memory().equals(seen.memory()),
                "looks again at once only after something was done",
                w,
                d,
                broken);
        for (var action : d.actions()) {
            checkAction(w, seen, d, action, broken);
        }
        checkRunningPrimary(w, seen, d, broken);
    }

    private static void checkAction(World w, Seen seen, Decision d, Action action, Map<String, List<String>> broken) {
        boolean down = seen.node().isDown();
        boolean certain = w.data != DataDirectory.UNKNOWN && down && w.job != Job.REWINDS;
        switch (action) {
            case Action.Promote p ->
                require(
                        w.key == Key.MINE_SAFE && w.postgres == PostgresState.RUNNING && w.role == PostgresRole.REPLICA,
                        "promotes only a running replica, by its own safe lease",
                        w,
                        d,
                        broken);
            case Action.StartPrimary p ->
                require(
                        certain
                                && (w.key == Key.MINE_SAFE
                                        || w.dcs == Dcs.LOST_CONFIRMED
                                                && w.key.name().startsWith("MINE")),
                        "starts a primary only when it is down, by its own safe lease or everybody's word",
                        w,
                        d,
                        broken);
            case Action.GuardPrimary p ->
                require(w.key == Key.MINE_SAFE, "guards only by its own safe lease", w, d, broken);
            case Action.StartReplica s ->
                require(
                        certain && w.data == DataDirectory.PRESENT,
                        "starts a replica only of whole data that rest",
                        w,
                        d,
                        broken);
            case Action.Rewind r ->
                require(certain && seen.node().rejoin().isPresent(), "rewinds only by evidence", w, d, broken);
            case Action.Reclone r ->
                require(
                        certain
                                && (w.data != DataDirectory.PRESENT
                                        || w.request == LocalRequest.REINITIALIZE
                                        || seen.node().rejoin().isPresent()),
                        "clones only over data that rest, by evidence or by request",
                        w,
                        d,
                        broken);
            case Action.InitializeDatabase i ->
                require(
                        w.data == DataDirectory.EMPTY && certain,
                        "creates a cluster only in an empty directory",
                        w,
                        d,
                        broken);
            case Action.ReleaseLeaderKey r ->
                require(
                        down || w.role == PostgresRole.REPLICA && w.postgres == PostgresState.STARTING,
                        "gives the leader key back only when nothing can write",
                        w,
                        d,
                        broken);
            case Action.DisarmFence f ->
                require(
                        w.dcs == Dcs.PAUSED || !w.runningPrimary(),
                        "disarms a primary only while paused",
                        w,
                        d,
                        broken);
            case Action.FenceNow f ->
                require(w.fence != Fence.OUTSIDE, "the fence is told to act only on what is its child", w, d, broken);
            case Action.StopPostgres s ->
                require(
                        w.postgres != PostgresState.STOPPING || s.mode() == StopMode.IMMEDIATE,
                        "does not ask again for a stop that is on its way",
                        w,
                        d,
                        broken);
            case Action.Exit e ->
                require(down || w.dcs == Dcs.PAUSED, "exits only when PostgreSQL is down, or paused", w, d, broken);
            case Action.AcquireLeaderKey a ->
                require(w.data == DataDirectory.PRESENT, "tries for the leader key only with data", w, d, broken);
            case Action.ReattachLeaderKey a -> {}
            case Action.ClaimInitializeKey a -> {}
            case Action.WriteInitializeKey a -> {}
            case Action.DropInitializeKey a -> {}
            case Action.WriteConfigIfMissing a -> {}
            case Action.WriteStatus a -> {}
            case Action.WriteFailsafe a -> {}
            case Action.AppendHistory a -> {}
            case Action.ClaimTimeline a -> {}
            case Action.MarkUnfenced a -> {}
            case Action.WriteSyncState a -> {}
            case Action.ClearFailoverRequest a -> {}
            case Action.Follow a -> {}
            case Action.Checkpoint a -> {}
            case Action.SalvageWal a -> {}
            case Action.ReloadConfig a -> {}
            case Action.SetSynchronousStandbyNames a -> {}
            case Action.SyncSlots a -> {}
            case Action.ExtendFence a -> {}
            case Action.DropLocalRequest a -> {}
        }
    }

    /** Whoever runs a primary without the right to is stopped, or waits for a deadline that somebody else keeps. */
    private static void checkRunningPrimary(World w, Seen seen, Decision d, Map<String, List<String>> broken) {
        boolean licensed = w.key == Key.MINE_SAFE;
        boolean leftAlone = w.dcs == Dcs.PAUSED || w.dcs == Dcs.NEVER_SEEN || w.fence == Fence.UNREACHABLE;
        if (!w.runningPrimary() || licensed || leftAlone) {
            return;
        }
        boolean stops =
                d.actions().stream().anyMatch(a -> a instanceof Action.FenceNow || a instanceof Action.StopPostgres);
        boolean retakes = d.actions().stream()
                .anyMatch(a -> a instanceof Action.AcquireLeaderKey || a instanceof Action.ReattachLeaderKey);
        boolean extends_ = d.actions().stream().anyMatch(a -> a instanceof Action.ExtendFence);
        // One that has passed is being acted on.
        boolean bounded = seen.node().fence().deadline().isPresent();
        boolean safeLease = seen.node()
                .lease()
                .map(io.matriarch.ha.model.LeaseView::safeUntil)
                .filter(Views.NOW::isBefore)
                .isPresent();
        boolean confirmed = w.dcs == Dcs.LOST_CONFIRMED;
        boolean foreign = w.key == Key.OTHER && w.dcs != Dcs.LOST && w.dcs != Dcs.LOST_CONFIRMED;
        require(
                stops
                        || !foreign && (bounded || extends_ && (confirmed || safeLease))
                        || seen.node().jobRunning(),
                "a primary without licence is stopped, or a deadline is set for it" + (retakes ? " (retakes)" : ""),
                w,
                d,
                broken);
    }

    private static void require(boolean holds, String claim, World w, Decision d, Map<String, List<String>> broken) {
        if (!holds) {
            note(
                    broken,
                    claim,
                    w,
                    d.rule() + " " + Views.names(d) + " wake "
                            + d.wakeUpAt().since(Views.NOW).toMillis());
        }
    }

    private static void note(Map<String, List<String>> broken, String claim, World w, String what) {
        var cases = broken.computeIfAbsent(claim, k -> new ArrayList<>());
        if (cases.size() < 1000) {
            cases.add(w + " -> " + what);
        }
    }
}
