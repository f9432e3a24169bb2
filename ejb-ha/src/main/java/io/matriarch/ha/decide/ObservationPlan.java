package io.matriarch.ha.decide;

import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.HaMemory.WalMark;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Upstream;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which costly facts the situation calls for. */
final class ObservationPlan {
    private ObservationPlan() {}

    static Needs of(DcsView dcs, Cycle c) {
        if (c.node().data() != DataDirectory.PRESENT || c.slowJobRunning()) {
            return Needs.NOTHING;
        }
        boolean mine = c.cluster().isLeader(c.self());
        if (dcs instanceof DcsView.Lost) {
            return mine && c.config().failsafeMode() && c.cluster().failsafe().containsKey(c.self())
                    ? new Needs(Map.of(), DcsLostPolicy.mustConfirm(c), Optional.empty(), Optional.empty())
                    : Needs.NOTHING;
        }
        if (c.cluster().leader().isEmpty()) {
            // Whoever the old leader named when it gave the key back was compared with the others by it already.
            boolean compare = !c.node().isDown()
                    && !NamedCandidate.isOurself(c)
                    && NamedCandidate.withHeadStart(c).isEmpty();
            return new Needs(compare ? everybody(c) : Map.of(), Map.of(), Optional.empty(), Optional.empty());
        }
        return mine ? asLeader(c) : asReplica(c);
    }

    private static Needs asLeader(Cycle c) {
        boolean handingOver = c.memory().handover().isPresent()
                || (SwitchoverPolicy.isNear(c) && !c.node().isRunningReplica())
                || c.node().request() == LocalRequest.SHUT_DOWN;
        boolean notServing = !c.node().isRunning();
        var end = c.node().isDown() && PrimaryDownPolicy.wasPrimary(c) ? searchFrom(c) : Optional.<WalMark>empty();
        return new Needs(handingOver || notServing ? everybody(c) : Map.of(), Map.of(), end, Optional.empty());
    }

    /** As late as is safe: after a clean stop the shutdown checkpoint, else the last flush that we saw, else where recovery begins. */
    private static Optional<WalMark> searchFrom(Cycle c) {
        return c.node().control().map(control -> {
            if (control.cleanPrimaryStop()) {
                return new WalMark(control.timeline(), control.checkpoint());
            }
            return c.memory()
                    .lastFlush()
                    .filter(mark -> mark.timeline().compareTo(control.timeline()) >= 0)
                    .filter(mark -> mark.lsn().isAtLeast(control.checkpointRedo()))
                    .orElseGet(() -> new WalMark(control.timeline(), control.checkpointRedo()));
        });
    }

    private static Needs asReplica(Cycle c) {
        boolean judge = c.node().isDown() ? ReplicaPolicy.needsEvidence(c) : ReplicaPolicy.judgementDue(c);
        Optional<Upstream> leader = judge ? c.cluster().leaderName().flatMap(c::upstream) : Optional.empty();
        return new Needs(Map.of(), Map.of(), Optional.empty(), leader);
    }

    /** Everybody who is or was a member or who must confirm in failsafe mode: whoever could hold more than we do. */
    private static Map<MemberName, String> everybody(Cycle c) {
        var all = new TreeMap<>(c.cluster().failsafe());
        all.putAll(c.memory().lastMembers());
        all.putAll(Recollection.addresses(c.cluster(), c.self()));
        all.remove(c.self());
        return all;
    }
}
