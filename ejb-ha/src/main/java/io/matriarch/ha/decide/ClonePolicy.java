package io.matriarch.ha.decide;

import io.matriarch.ha.model.Action;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.StopMode;

/** This member copies the leader: it has no data, or somebody asked for it. */
final class ClonePolicy {
    private ClonePolicy() {}

    static Decision withoutData(Cycle c, MemberName leader) {
        var because = "the data directory is " + c.node().data();
        return c.node().isDown()
                ? cloneFrom(c, leader, Rule.CLONE_FROM_LEADER, because)
                : c.decide(
                        Rule.CLONE_FROM_LEADER,
                        because + ", and a PostgreSQL still runs on it",
                        Cycle.SHORTLY,
                        c.stop(StopMode.FAST, StopTimes.handover(c)));
    }

    static Decision reinitialize(Cycle c, MemberName leader) {
        if (c.node().isDown()) {
            return cloneFrom(c, leader, Rule.REINITIALIZE_REQUESTED, "asked for");
        }
        return c.decide(
                Rule.REINITIALIZE_REQUESTED, "asked for", Cycle.SHORTLY, c.stop(StopMode.FAST, StopTimes.fast(c)));
    }

    private static Decision cloneFrom(Cycle c, MemberName leader, Rule rule, String because) {
        var finished = c.node().finished(JobKind.CLONE);
        if (finished.isPresent() && !finished.get().isDone()) {
            return ReplicaPolicy.failed(c, "the copy", finished.get());
        }
        if (!c.mayTryAgain()) {
            return c.decide(Rule.WAIT_FOR_CLONE_SOURCE, "waiting before the next attempt", Cycle.SHORTLY);
        }
        var report = c.cluster().leaderMember().map(m -> m.report());
        boolean ready = report.filter(r -> r.state() == MemberState.RUNNING && r.role() == MemberRole.PRIMARY)
                .isPresent();
        var source = ReplicaPolicy.wantedUpstream(c, leader);
        if (!ready || source.isEmpty()) {
            return c.decide(Rule.WAIT_FOR_CLONE_SOURCE, leader + " is not a running primary yet", Cycle.SHORTLY);
        }
        return c.decide(
                rule,
                because,
                Cycle.SHORTLY,
                new Action.Reclone(source.get(), c.cluster().initialize().flatMap(InitializeKey::systemIdentifier)));
    }
}
