package io.matriarch.ha.api;

import static io.matriarch.ha.decide.StatusSamples.with;

import io.matriarch.ha.decide.StatusSamples;
import io.matriarch.ha.health.HealthState;
import io.matriarch.ha.loop.Identity;
import io.matriarch.ha.loop.Inbox;
import io.matriarch.ha.loop.LiveLook;
import io.matriarch.ha.loop.Ports;
import io.matriarch.ha.loop.RunningAgent;
import io.matriarch.ha.loop.WakeUps;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.DecisionJournal;
import io.matriarch.ha.port.FenceKeeper;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PeerProbe;
import io.matriarch.ha.port.PostgresControl;
import io.matriarch.ha.port.PostgresProbe;
import io.matriarch.ha.port.SlowWorker;
import io.matriarch.ha.status.StatusBoardBean;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What commands touch: a store that keeps the {@code failover} key by the port's rules, peers that answer as they are told, and a cluster
 * that reacts to a request as a test says. No command may use any other port.
 */
final class ApiWorld implements PeerProbe, MonotonicClock {
    final StatusBoardBean board = new StatusBoardBean(new HealthState());
    final StatusWaiter waiter = new StatusWaiter(board);
    final Inbox inbox = new Inbox();
    final Map<MemberName, PeerView> peers = new TreeMap<>();
    final RunningAgent agent;
    NodeStatus status;
    boolean storeIsDown;
    /** What the cluster makes of a request that was just written. */
    UnaryOperator<ClusterView> reaction = view -> view;

    ApiWorld(NodeStatus first) {
        status = first;
        for (var name : cluster().members().keySet()) {
            peers.put(name, StatusSamples.peer(name));
        }
        var identity = new Identity(
                first.self(), new Scope("service", "demo"), () -> Tags.NONE, "", "", Optional.empty(), "0.1.0", "{}");
        var ports = new Ports(
                dcs(),
                unused(PostgresProbe.class),
                unused(PostgresControl.class),
                unused(FenceKeeper.class),
                this,
                this,
                unused(SlowWorker.class),
                unused(DecisionJournal.class),
                board);
        agent = new RunningAgent(identity, ports, inbox, new WakeUps(), noLook());
        board.publish(first);
    }

    @SuppressWarnings("NullAway") // no command looks at PostgreSQL
    private static LiveLook noLook() {
        return null;
    }

    ClusterView cluster() {
        return StatusSamples.cluster(status);
    }

    /** Another view of the cluster, at the next revision, which the loop has seen and published. */
    void publish(ClusterView next) {
        var view = with(next, "revision", new Revision(cluster().revision().value() + 1));
        status = with(status, "dcs", new io.matriarch.ha.model.DcsView.Reachable(view));
        board.publish(status);
    }

    static ClusterView ledBy(ClusterView view, MemberName leader) {
        var key = new LeaderKey(leader, Optional.empty(), view.revision(), view.revision());
        return with(with(view, "leader", Optional.of(key)), "failover", Optional.empty());
    }

    private Dcs dcs() {
        return (Dcs) Proxy.newProxyInstance(
                Dcs.class.getClassLoader(), new Class<?>[] {Dcs.class}, (proxy, method, arguments) -> {
                    if (storeIsDown) {
                        throw new DcsUnavailableException("no endpoint answers");
                    }
                    return switch (method.getName()) {
                        case "read" -> cluster();
                        case "writeFailover" -> writeFailover((Optional<?>) arguments[0], (Optional<?>) arguments[1]);
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }

    private Outcome writeFailover(Optional<?> request, Optional<?> expected) {
        var present = cluster().failover().map(FailoverRequest::modRevision).orElse(new Revision(0));
        if (expected.isPresent() && !expected.get().equals(present)) {
            return new Outcome.Superseded("it was changed");
        }
        var revision = new Revision(cluster().revision().value() + 1);
        Optional<FailoverRequest> stored = request.map(r -> with((FailoverRequest) r, "modRevision", revision));
        publish(reaction.apply(with(cluster(), "failover", stored)));
        return Outcome.DONE;
    }

    private static <T> T unused(Class<T> port) {
        return port.cast(
                Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(port.getSimpleName() + "." + method.getName());
                }));
    }

    @Override
    public Map<MemberName, PeerView> ask(Map<MemberName, String> apiUrls, Duration bound) {
        Map<MemberName, PeerView> answers = new TreeMap<>(peers);
        answers.keySet().retainAll(apiUrls.keySet());
        return answers;
    }

    @Override
    public Optional<String> instance(MemberName name, Scope scope, String apiUrl, Duration bound) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FailsafeView confirmFailsafe(Announcement self, Map<MemberName, String> apiUrls, Duration bound) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MonotonicTime now() {
        return new MonotonicTime(System.nanoTime());
    }

    @Override
    public Instant wallClock() {
        return StatusSamples.STARTED;
    }

    @Override
    public void close() {}
}
