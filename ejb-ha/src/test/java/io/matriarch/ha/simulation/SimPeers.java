package io.matriarch.ha.simulation;

import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.Liveness;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.port.PeerProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;

/** One agent's questions to the others. A member shows what its own loop published last, which may be a cycle old. */
final class SimPeers implements PeerProbe {
    private final SimWorld world;
    private final SimProcess process;
    private final SimHost host;

    SimPeers(SimWorld world, SimProcess process, SimHost host) {
        this.world = world;
        this.process = process;
        this.host = host;
    }

    @Override
    public Map<MemberName, PeerView> ask(Map<MemberName, String> apiUrls, Duration bound) {
        var answers = new HashMap<MemberName, PeerView>();
        apiUrls.keySet().forEach(name -> answers.put(name, PeerView.silent(name)));
        var seen = new HashMap<MemberName, PeerView>();
        exchange(apiUrls, bound, new Question() {
            @Override
            public void arrived(MemberName name, SimHost peer) {
                peer.status().ifPresent(status -> seen.put(name, view(name, status)));
            }

            @Override
            public void answered(MemberName name) {
                Optional.ofNullable(seen.get(name)).ifPresent(view -> answers.put(name, view));
            }
        });
        return answers;
    }

    /** Sends to all at once; returns when all have answered or the bound has passed. */
    private void exchange(Map<MemberName, String> urls, Duration bound, Question atPeer) {
        process.crashPoint();
        long limit = process.clock().trueNanos(EventScheduler.nanos(bound));
        long sent = process.now();
        long done = 0;
        var answered = new ArrayList<Runnable>();
        for (var name : urls.keySet()) {
            var peer = world.host(name.value());
            long there = world.network().latency(host.hostName(), name.value());
            long back = world.network().latency(name.value(), host.hostName());
            boolean sentThere = world.network().delivers(host.hostName(), name.value());
            boolean comesBack = world.network().delivers(name.value(), host.hostName());
            done = Math.max(done, sentThere && comesBack && peer.serves() ? there + back : limit);
            if (sentThere && there < limit) {
                world.scheduler().after(there, () -> {
                    if (peer.serves()) {
                        atPeer.arrived(name, peer);
                        if (comesBack && there + back <= limit) {
                            answered.add(() -> atPeer.answered(name));
                        }
                    }
                });
            }
        }
        process.sleep(Math.min(done, limit) - (process.now() - sent));
        answered.forEach(Runnable::run);
    }

    /** What a request does where it arrives, and what its answer, if one comes, does here. */
    private interface Question {
        void arrived(MemberName name, SimHost peer);

        void answered(MemberName name);
    }

    @Override
    public FailsafeView confirmFailsafe(Announcement self, Map<MemberName, String> apiUrls, Duration bound) {
        var askedAt = process.clock().now();
        var verdicts = new HashMap<MemberName, Boolean>();
        var confirmed = new HashSet<MemberName>();
        var refused = new HashSet<MemberName>();
        exchange(apiUrls, bound, new Question() {
            @Override
            public void arrived(MemberName name, SimHost peer) {
                peer.agent().ifPresent(a -> verdicts.put(name, a.code().announced(self.name())));
            }

            @Override
            public void answered(MemberName name) {
                if (verdicts.containsKey(name)) {
                    (verdicts.get(name) ? confirmed : refused).add(name);
                }
            }
        });
        return new FailsafeView(Optional.of(askedAt), confirmed, refused, Optional.empty(), Optional.empty());
    }

    private static PeerView view(MemberName name, NodeStatus status) {
        var node = status.node();
        var wal = node.wal();
        return new PeerView(
                name,
                Liveness.ALIVE,
                node.isRunning() ? node.role() : PostgresRole.UNKNOWN,
                Optional.of(status.memberState()),
                wal.map(WalPosition::timeline),
                wal.map(WalPosition::written),
                wal.map(WalPosition::replicationState).orElse(ReplicationState.NONE),
                Tags.NONE,
                false,
                node.storage().walFreeBytes());
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
