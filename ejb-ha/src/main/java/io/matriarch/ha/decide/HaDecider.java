package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.StopMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The one place where it is decided what this member does: a function of its arguments and of nothing else. */
public final class HaDecider {
    /** How long a fence may be silent before it counts as frozen; a busy machine delays an answer by less. */
    static final Duration FENCE_PATIENCE = Duration.ofSeconds(1);

    private HaDecider() {}

    /**
     * What else must be observed before {@link #decide}.
     *
     * @param node seen so far: without peers, end of WAL, failsafe confirmations and rejoin evidence
     */
    public static Needs needs(DcsView dcs, NodeView node, HaMemory memory, MonotonicTime now) {
        return dcs.lastKnown()
                .map(cluster -> new Cycle(cluster, node, Recollection.update(dcs, node, memory, now), now))
                .map(cycle -> ObservationPlan.of(dcs, cycle))
                .orElse(Needs.NOTHING);
    }

    /** Decides. Never throws for what can happen in the world; an {@link IllegalStateException} is a broken invariant. */
    public static Decision decide(DcsView dcs, NodeView node, HaMemory memory, MonotonicTime now) {
        var updated = Recollection.update(dcs, node, memory, now);
        if (dcs.lastKnown().isEmpty()) {
            return neverSawTheDcs(node, updated, now);
        }
        var c = new Cycle(dcs.lastKnown().get(), node, updated, now);
        var decision = bySituation(dcs, c);
        return dcs instanceof DcsView.Reachable
                ? UnfencedRule.applied(decision, c)
                : UnfencedRule.withoutDcs(decision, c);
    }

    private static Decision bySituation(DcsView dcs, Cycle c) {
        return switch (Situation.of(dcs, c)) {
            case FENCE_SILENT -> fenceSilent(c);
            case SHUTTING_DOWN -> ShutdownPolicy.decide(c, dcs);
            case DCS_LOST -> DcsLostPolicy.decide(c, (DcsView.Lost) dcs);
            case PAUSED -> PausedPolicy.decide(c);
            case DATA_UNREADABLE -> dataUnreadable(c);
            case WRONG_SYSTEM -> wrongSystem(c);
            case JOB_RUNNING ->
                c.decide(
                        Rule.WAIT_FOR_JOB,
                        c.node().job().map(j -> j.kind() + " runs").orElse("a job runs"));
            case UNGUARDED ->
                c.decide(
                        Rule.ADOPT_POSTGRES,
                        "PostgreSQL runs and is not a child of the fence",
                        Cycle.SHORTLY,
                        c.stop(StopMode.FAST, StopTimes.fast(c)));
            case UNINITIALIZED -> BootstrapPolicy.decide(c);
            case LEADER_IS_ME -> LeaderPolicy.decide(c);
            case LEADER_IS_OTHER -> ReplicaPolicy.decide(c);
            case NO_LEADER -> ElectionPolicy.decide(c);
        };
    }

    /** What PostgreSQL is meant to be is unknown: it is left alone, and its fence keeps whatever deadline it has. */
    private static Decision neverSawTheDcs(NodeView node, HaMemory memory, MonotonicTime now) {
        var wait = now.plus(Duration.ofSeconds(1));
        if (node.request() != LocalRequest.SHUT_DOWN) {
            return new Decision(
                    Rule.DCS_LOST_REPLICA,
                    "the DCS was never seen since this agent started",
                    List.of(),
                    memory,
                    wait,
                    List.of());
        }
        if (node.isDown()) {
            return new Decision(
                    Rule.SHUTDOWN_EXIT,
                    "asked to stop before the DCS was ever seen",
                    List.of(new Action.Exit(0, "asked to stop")),
                    memory,
                    wait,
                    List.of());
        }
        List<Action> stop = node.postgres() == PostgresState.STOPPING
                ? List.of()
                : List.of(new Action.StopPostgres(StopMode.FAST, StopTimes.FAST));
        return new Decision(
                Rule.SHUTDOWN_STOP,
                "asked to stop before the DCS was ever seen",
                stop,
                memory,
                now.plus(Cycle.SHORTLY),
                List.of());
    }

    private static Decision fenceSilent(Cycle c) {
        var silent = c.memory().fenceSilentSince().map(at -> c.now().since(at)).orElse(Duration.ZERO);
        // Nobody but the fence would end a primary whose lease is over.
        boolean dangerous = c.memory().wasPrimary()
                && c.node().lease().filter(l -> c.now().isBefore(l.safeUntil())).isEmpty();
        if (silent.compareTo(FENCE_PATIENCE) < 0 && !dangerous) {
            return c.decide(
                    Rule.FENCE_SILENT, "the fence has not answered for " + silent.toMillis() + " ms", Cycle.SHORTLY);
        }
        return c.decide(
                Rule.FENCE_SILENT,
                "the fence has not answered for " + silent.toMillis()
                        + " ms; it is killed, and the kernel stops PostgreSQL with it",
                Cycle.SHORTLY,
                new Action.FenceNow("the fence does not answer"));
    }

    /** Nothing is started, written or cloned. But a primary still needs its licence, and a leader that is down is none. */
    private static Decision dataUnreadable(Cycle c) {
        var because = "the data directory cannot be read; is its volume mounted, may our user read it?";
        boolean mine = c.cluster().isLeader(c.self());
        if (mine && c.node().isDown()) {
            return c.decide(
                    Rule.DATA_UNREADABLE,
                    because + " The leader key is given back",
                    new Action.ReleaseLeaderKey(Optional.empty(), Optional.empty()));
        }
        if (mine) {
            return LeaderPolicy.unreadable(c, because);
        }
        boolean mayWrite = c.node().isRunningPrimary()
                || (c.memory().wasPrimary() && !c.node().isDown() && !c.node().isRunning());
        return mayWrite
                ? c.decide(
                        Rule.DEMOTE_FOREIGN_LEADER,
                        "we do not hold the leader key, our PostgreSQL is a primary, and " + because,
                        Cycle.SHORTLY,
                        c.stopAtOnce("a primary without the leader key"))
                : c.decide(Rule.DATA_UNREADABLE, because);
    }

    private static Decision wrongSystem(Cycle c) {
        var because = "our data has system identifier "
                + c.node().control().map(f -> f.systemIdentifier().value()).orElse("?") + ", the cluster "
                + c.cluster()
                        .initialize()
                        .flatMap(InitializeKey::systemIdentifier)
                        .map(s -> s.value())
                        .orElse("?");
        return c.node().isDown()
                ? c.decide(Rule.WRONG_SYSTEM, because, new Action.Exit(1, because))
                : c.decide(Rule.WRONG_SYSTEM, because, Cycle.SHORTLY, c.stop(StopMode.FAST, StopTimes.handover(c)));
    }
}
