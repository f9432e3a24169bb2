package io.matriarch.ha.decide;

import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.HaMemory;
import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.ReplicationState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Brings the memory up to date with what a cycle sees, before anything is decided. */
final class Recollection {
    private Recollection() {}

    static HaMemory update(DcsView dcs, NodeView node, HaMemory memory, MonotonicTime now) {
        return memory.with(m -> {
            m.startedAt = m.startedAt.or(() -> Optional.of(now));
            local(m, node, now);
            if (dcs instanceof DcsView.Reachable reachable) {
                cluster(m, reachable.cluster(), node, now);
            }
        });
    }

    private static void local(HaMemory.Draft m, NodeView node, MonotonicTime now) {
        if (node.isRunning()) {
            m.wasPrimary = node.isRunningPrimary();
        }
        boolean replaced = Stream.of(JobKind.CLONE, JobKind.REWIND)
                .anyMatch(kind -> node.finished(kind).filter(Outcome::isDone).isPresent());
        if (replaced) {
            m.unjudged = false;
        }
        if (node.isDown()) {
            // A promotion that was asked of a PostgreSQL that is gone will never come true.
            m.promotedAt = Optional.empty();
        }
        m.hungSince = node.postgres() == PostgresState.HUNG ? m.hungSince.or(() -> Optional.of(now)) : Optional.empty();
        if (node.finished(JobKind.SALVAGE).filter(Outcome::isDone).isPresent()) {
            m.salvaged = true;
        }
        if (node.isRunningPrimary()) {
            node.wal().ifPresent(w -> m.lastFlush = Optional.of(new HaMemory.WalMark(w.timeline(), w.written())));
        }
        if (node.isDown() && node.endOfWal().isPresent()) {
            // While it starts again this is not known, and candidates must not be judged by less than before.
            node.control()
                    .ifPresent(f -> m.lastFlush = Optional.of(
                            new HaMemory.WalMark(f.timeline(), node.endOfWal().get())));
        }
        boolean replicaWithoutStream = node.isRunningReplica()
                && node.wal()
                        .filter(w -> w.replicationState() == ReplicationState.STREAMING)
                        .isEmpty();
        m.notStreamingSince = replicaWithoutStream ? m.notStreamingSince.or(() -> Optional.of(now)) : Optional.empty();
        m.fenceSilentSince = node.fence().state() == FenceView.State.UNREACHABLE
                ? m.fenceSilentSince.or(() -> Optional.of(now))
                : Optional.empty();
    }

    private static void cluster(HaMemory.Draft m, ClusterView cluster, NodeView node, MonotonicTime now) {
        if (cluster.leader().isEmpty()) {
            m.leaderlessSince = m.leaderlessSince.or(() -> Optional.of(now));
            var received = node.wal().map(w -> w.written());
            if (!m.lastArrival.map(HaMemory.Arrival::lsn).equals(received)) {
                m.lastArrival = received.map(lsn -> new HaMemory.Arrival(lsn, now));
            }
            m.promotedAt = Optional.empty();
            m.handover = Optional.empty();
            return;
        }
        m.leaderlessSince = Optional.empty();
        m.lastArrival = Optional.empty();
        m.lastLeader = cluster.leaderName();
        m.lastMembers = addresses(cluster, node.self());
        if (!cluster.isLeader(node.self())) {
            m.handover = Optional.empty();
            m.recoveringSince = Optional.empty();
            m.promotedAt = Optional.empty();
            m.checkpointDue = false;
            m.crashesInPlace = 0;
            m.slotSeen = Map.of();
        }
    }

    static Map<MemberName, String> addresses(ClusterView cluster, MemberName self) {
        var addresses = new TreeMap<MemberName, String>();
        cluster.members().forEach((name, member) -> {
            if (!name.equals(self) && !member.report().apiUrl().isBlank()) {
                addresses.put(name, member.report().apiUrl());
            }
        });
        return addresses;
    }
}
