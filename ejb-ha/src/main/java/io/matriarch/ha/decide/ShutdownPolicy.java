package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.RejectedCandidate;
import io.matriarch.ha.model.StopMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** This agent was asked to stop: hand over first, so that clients lose a part of a second and not a lease. */
final class ShutdownPolicy {
    private ShutdownPolicy() {}

    static Decision decide(Cycle c, DcsView dcs) {
        boolean reachable = dcs instanceof DcsView.Reachable;
        boolean mine = reachable && c.cluster().isLeader(c.self());
        if (c.config().pause()) {
            return c.decide(
                    Rule.SHUTDOWN_EXIT,
                    "paused: PostgreSQL stays up",
                    Cycle.SOON,
                    new Action.DisarmFence(),
                    new Action.Exit(0, "asked to stop while paused"));
        }
        if (c.node().isDown()) {
            return down(c, mine);
        }
        if (mine && c.node().isRunningPrimary() && c.licence().isPresent()) {
            var handover = c.memory().handover();
            if (handover.isPresent()) {
                return SwitchoverPolicy.onRunningPrimary(c).orElseThrow();
            }
            var rejected = new ArrayList<RejectedCandidate>();
            var best = Candidates.best(
                    c, SwitchoverPolicy.ownTimeline(c), rejected, p -> SwitchoverPolicy.tooFarBehind(c, p));
            if (best.isPresent()) {
                return SwitchoverPolicy.checkpointFirst(
                        c, best.get(), rejected, Rule.SHUTDOWN_HANDOVER, "the agent was asked to stop");
            }
        }
        return c.decide(
                Rule.SHUTDOWN_STOP,
                "the agent was asked to stop, PostgreSQL is " + c.node().postgres(),
                c.node().postgres() == PostgresState.STOPPING ? Cycle.SOON : Cycle.SHORTLY,
                c.stop(StopMode.FAST, StopTimes.handover(c)));
    }

    private static Decision down(Cycle c, boolean mine) {
        if (mine && c.memory().handover().isPresent() && c.licence().isPresent()) {
            return SwitchoverPolicy.onStopped(c, c.licence().get());
        }
        var actions = new ArrayList<Action>();
        if (mine) {
            Optional<Lsn> end = c.node().endOfWal();
            actions.add(new Action.ReleaseLeaderKey(end, Optional.empty()));
        }
        actions.add(new Action.Exit(0, "asked to stop"));
        return c.decide(Rule.SHUTDOWN_EXIT, "PostgreSQL is down", c.memory(), Cycle.SOON, actions, List.of());
    }
}
