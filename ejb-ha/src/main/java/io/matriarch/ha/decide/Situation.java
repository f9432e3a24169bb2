package io.matriarch.ha.decide;

import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.InitializeKey;
import io.matriarch.ha.model.LocalRequest;

/** What the cluster and this member are in; exactly one holds. The order of the constants is the order of the questions. */
public enum Situation {
    FENCE_SILENT,
    SHUTTING_DOWN,
    DCS_LOST,
    PAUSED,
    DATA_UNREADABLE,
    WRONG_SYSTEM,
    JOB_RUNNING,
    UNGUARDED,
    UNINITIALIZED,
    LEADER_IS_ME,
    LEADER_IS_OTHER,
    NO_LEADER;

    static Situation of(DcsView dcs, Cycle c) {
        var node = c.node();
        if (node.fence().state() == FenceView.State.UNREACHABLE) {
            return FENCE_SILENT;
        }
        if (node.request() == LocalRequest.SHUT_DOWN) {
            return SHUTTING_DOWN;
        }
        if (dcs instanceof DcsView.Lost) {
            return DCS_LOST;
        }
        if (c.config().pause()) {
            return PAUSED;
        }
        if (node.data() == DataDirectory.UNKNOWN) {
            return DATA_UNREADABLE;
        }
        if (isWrongSystem(c)) {
            return WRONG_SYSTEM;
        }
        if (c.slowJobRunning()) {
            return JOB_RUNNING;
        }
        if (!node.isDown() && !node.postgresGuarded()) {
            return UNGUARDED;
        }
        if (c.cluster().leader().isPresent()) {
            return c.cluster().isLeader(c.self()) ? LEADER_IS_ME : LEADER_IS_OTHER;
        }
        return c.cluster().initialize().flatMap(InitializeKey::systemIdentifier).isPresent()
                ? NO_LEADER
                : UNINITIALIZED;
    }

    private static boolean isWrongSystem(Cycle c) {
        var ours = c.node().control().map(f -> f.systemIdentifier());
        var theirs = c.cluster().initialize().flatMap(InitializeKey::systemIdentifier);
        return ours.isPresent() && theirs.isPresent() && !ours.equals(theirs);
    }
}
