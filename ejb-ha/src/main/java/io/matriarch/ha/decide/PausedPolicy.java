package io.matriarch.ha.decide;

import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.LeaseView;

/** The operator took over: nothing is started, stopped, promoted or demoted by itself. */
final class PausedPolicy {
    private PausedPolicy() {}

    static Decision decide(Cycle c) {
        var disarm = c.node().fence().deadline().isPresent();
        if (disarm) {
            return c.decide(
                    Rule.PAUSED,
                    "the fence must not end what the operator does",
                    Cycle.SOON,
                    new Action.DisarmFence());
        }
        boolean mine = c.cluster().isLeader(c.self());
        if (mine && c.node().isRunningPrimary()) {
            if (c.cluster().failover().flatMap(f -> f.candidate()).isPresent() || c.memory().handover().isPresent()) {
                var planned = SwitchoverPolicy.onRunningPrimary(c);
                if (planned.isPresent()) {
                    return planned.get();
                }
            }
            return LeaderPolicy.duties(c);
        }
        if (mine && c.node().isDown() && c.memory().handover().isPresent() && c.licence().isPresent()) {
            return SwitchoverPolicy.onStopped(c, c.licence().get());
        }
        boolean named = c.cluster().failover().flatMap(f -> f.candidate()).filter(c.self()::equals).isPresent();
        if (named && c.cluster().leader().isEmpty() && c.node().isRunningReplica()) {
            return c.decide(Rule.RACE, "named as the candidate", Cycle.SOON, new Action.AcquireLeaderKey());
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
                    new Action.ReleaseLeaderKey(java.util.Optional.empty(), java.util.Optional.empty()));
        }
        boolean free = c.cluster().leader().isEmpty()
                && c.node().isRunningPrimary()
                && c.node().data() == DataDirectory.PRESENT;
        if (free && c.node().lease().map(LeaseView::id).isPresent()) {
            return c.decide(
                    Rule.RETAKE_LEADERSHIP, "our PostgreSQL is the primary", Cycle.SOON, new Action.AcquireLeaderKey());
        }
        return c.decide(Rule.PAUSED, "paused");
    }
}
