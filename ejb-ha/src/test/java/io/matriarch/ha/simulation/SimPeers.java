package io.matriarch.ha.simulation;

import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.Liveness;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.model.WalPosition;
import io.matriarch.ha.port.PeerProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;

/** One agent's questions to the others. A member looks anew when it is asked, and shows what its loop published
 * last when that takes too long. */
final class SimPeers implements PeerProbe {
    private static final long POLL = 2 * EventScheduler.MILLI;
    /** How long a member lets another one wait for a look that is not older than the question. */
    private static final long FRESH_WITHIN = 250 * EventScheduler.MILLI;

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
            public void arrived(MemberName name, SimHost peer, Runnable answer) {
                peer.agent()
                        .ifPresent(a -> a.onFreshStatus(FRESH_WITHIN, status -> {
                            status.ifPresent(s -> seen.put(name, view(name, s)));
                            answer.run();
                        }));
            }

            @Override
            public void answered(MemberName name) {
                Optional.ofNullable(seen.get(name)).ifPresent(view -> answers.put(name, view));
            }
        });
        return answers;
    }

    /** Sends to all at once; returns when all have answered or the bound has passed. */
    private void exchange(Map<MemberName, String> urls, Duration bound, Question question) {
        process.crashPoint();
        long until = process.now() + process.clock().trueNanos(EventScheduler.nanos(bound));
        var answered = new ArrayList<MemberName>();
        for (var name : urls.keySet()) {
            var peer = world.host(name.value());
            if (world.network().delivers(host.hostName(), name.value())) {
                long there = world.network().latency(host.hostName(), name.value());
                world.scheduler().after(there, () -> {
                    if (peer.serves()) {
                        question.arrived(name, peer, () -> comeBack(name, answered));
                    }
                });
            }
        }
        while (answered.size() < urls.size() && process.now() < until) {
            process.sleep(Math.min(POLL, until - process.now()));
        }
        answered.forEach(question::answered);
    }

    private void comeBack(MemberName name, ArrayList<MemberName> answered) {
        if (world.network().delivers(name.value(), host.hostName())) {
            world.scheduler().after(world.network().latency(name.value(), host.hostName()), () -> answered.add(name));
        }
    }

    /** What a request does where it arrives, and what its answer, if one comes, does here. */
    private interface Question {
        void arrived(MemberName name, SimHost peer, Runnable answer);

        void answered(MemberName name);
    }

    @Override
    public Optional<String> instance(MemberName name, Scope scope, String apiUrl, Duration bound) {
        return Optional.empty();
    }

    @Override
    public FailsafeView confirmFailsafe(Announcement self, Map<MemberName, String> apiUrls, Duration bound) {
        var askedAt = process.clock().now();
        var verdicts = new HashMap<MemberName, Boolean>();
        var confirmed = new HashSet<MemberName>();
        var refused = new HashSet<MemberName>();
        exchange(apiUrls, bound, new Question() {
            @Override
            public void arrived(MemberName name, SimHost peer, Runnable answer) {
                peer.agent().ifPresent(a -> verdicts.put(name, a.code().announced(self.name(), self.leaderSince())));
                answer.run();
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
