package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.LeaseView;
import io.matriarch.ha.model.StopMode;
import java.util.Optional;

/** The operator took over: nothing is started, stopped, promoted or demoted by itself. */
final class PausedPolicy {
    private PausedPolicy() {}

    static Decision decide(Cycle c) {
        var disarm = c.node().fence().deadline().isPresent();
        if (disarm) {
            return c.decide(
                    Rule.PAUSED, "the fence must not end what the operator does", Cycle.SOON, new Action.DisarmFence());
        }
        boolean mine = c.cluster().isLeader(c.self());
        var requested = requested(c, mine);
        if (requested.isPresent()) {
            return requested.get();
        }
        if (mine && c.node().isRunningPrimary()) {
            if (c.cluster().failover().flatMap(f -> f.candidate()).isPresent()
                    || c.memory().handover().isPresent()) {
                var planned = SwitchoverPolicy.onRunningPrimary(c);
                if (planned.isPresent()) {
                    return planned.get();
                }
            }
            return LeaderPolicy.duties(c);
        }
        if (mine
                && c.node().isDown()
                && c.memory().handover().isPresent()
                && c.licence().isPresent()) {
            return SwitchoverPolicy.onStopped(c, c.licence().get());
        }
        // What is not a child of the fence nothing would end: it must not become a primary.
        boolean named = c.node().postgresGuarded()
                && c.cluster()
                        .failover()
                        .filter(FailoverRequest::isImmediate)
                        .flatMap(f -> f.candidate())
                        .filter(c.self()::equals)
                        .isPresent();
        var unfenced = UnfencedRule.other(c);
        if (named && c.cluster().leader().isEmpty() && unfenced.isPresent()) {
            return c.decide(Rule.PAUSED, UnfencedRule.warning(unfenced.get()), Cycle.SHORTLY);
        }
        if (named && c.cluster().leader().isEmpty() && c.node().isRunningReplica()) {
            if (!NamedCandidate.isOurself(c)) {
                // The old leader did not live to begin this switchover: nobody has seen that we hold everything.
                return ElectionPolicy.decide(c);
            }
            return c.decide(Rule.RACE, "named as the candidate", Cycle.SOON, c.acquire());
        }
        if (mine && c.node().isRunningReplica() && named && c.licence().isPresent()) {
            return LeaderPolicy.decide(c);
        }
        if (mine && c.node().isRunningReplica() && c.memory().promotedAt().isPresent()) {
            return c.decide(Rule.WAIT_FOR_PROMOTION, "promotion was asked for", Cycle.SOON);
        }
        if (mine && c.node().isDown()) {
            return c.decide(
                    Rule.PAUSED,
                    "our PostgreSQL is down: the leader key is given back, nobody takes it by itself",
                    new Action.ReleaseLeaderKey(Optional.empty(), Optional.empty()));
        }
        boolean free = c.cluster().leader().isEmpty()
                && c.node().isRunningPrimary()
                && c.node().data() == DataDirectory.PRESENT;
        if (free && c.node().lease().map(LeaseView::id).isPresent()) {
            return c.decide(Rule.RETAKE_LEADERSHIP, "our PostgreSQL is the primary", Cycle.SOON, c.acquire());
        }
        return c.decide(Rule.PAUSED, "paused");
    }

    /** What the operator asks of this member he gets while paused too: it must not wait for the end of the pause and come as a surprise. */
    private static Optional<Decision> requested(Cycle c, boolean mine) {
        if (c.slowJobRunning()) {
            return Optional.empty();
        }
        return switch (c.node().request()) {
            case NONE, SHUT_DOWN -> Optional.empty();
            case RESTART -> restart(c, mine);
            case REINITIALIZE ->
                Optional.of(
                        !mine
                                        && c.cluster().leader().isPresent()
                                        && c.node().data() != DataDirectory.UNKNOWN
                                        && !c.node().isRunningPrimary()
                                ? ClonePolicy.reinitialize(
                                        c, c.cluster().leaderName().orElseThrow())
                                : drop(
                                        c,
                                        Rule.REINITIALIZE_REQUESTED,
                                        "refused: there is no other leader to copy from, or our data cannot be read"));
        };
    }

    private static Optional<Decision> restart(Cycle c, boolean mine) {
        if (c.node().isRunning()) {
            return Optional.of(c.decide(
                    Rule.RESTART_REQUESTED,
                    "a restart was asked for while paused",
                    Cycle.SHORTLY,
                    c.stop(StopMode.FAST, StopTimes.fast(c))));
        }
        if (!c.node().isDown() || c.node().data() != DataDirectory.PRESENT) {
            return Optional.empty();
        }
        if (mine && c.licence().isPresent() && PrimaryDownPolicy.wasPrimary(c)) {
            return Optional.of(c.decide(
                    Rule.RESTART_REQUESTED,
                    "a restart was asked for while paused",
                    Cycle.SHORTLY,
                    new Action.StartPrimary(c.licence().get())));
        }
        var upstream = c.cluster()
                .leaderName()
                .filter(name -> !name.equals(c.self()) && !PrimaryDownPolicy.wasPrimary(c))
                .flatMap(name -> ReplicaPolicy.wantedUpstream(c, name));
        return Optional.of(upstream.map(u -> c.decide(
                        Rule.RESTART_REQUESTED,
                        "a restart was asked for while paused",
                        Cycle.SHORTLY,
                        new Action.StartReplica(u)))
                .orElseGet(() ->
                        drop(c, Rule.RESTART_REQUESTED, "refused: paused, and what it should start as is not known")));
    }

    private static Decision drop(Cycle c, Rule rule, String because) {
        return c.decide(
                rule,
                because,
                Cycle.SHORTLY,
                new Action.DropLocalRequest(c.node().request()));
    }
}
