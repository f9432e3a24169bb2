package io.matriarch.ha.simulation;

import io.matriarch.ha.decide.Rule;
import io.matriarch.ha.loop.HaLoop;
import io.matriarch.ha.loop.Identity;
import io.matriarch.ha.loop.Inbox;
import io.matriarch.ha.loop.LeaseKeeper;
import io.matriarch.ha.loop.Ports;
import io.matriarch.ha.model.DecisionEntry;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.model.Tags;
import io.matriarch.ha.port.DecisionJournal;
import java.util.List;
import java.util.Optional;

/** The code under test, wired as in production, over simulated ports. */
final class SimAgentCode {
    private final SimWorld world;
    private final SimHost host;
    private final SimProcess process;
    private final SimDcs dcs;
    private final LeaseKeeper keeper;
    private final Inbox inbox = new Inbox();
    private final Ports ports;
    private Optional<HaLoop> loop = Optional.empty();
    private boolean finished;
    private String lastTold = "";

    SimAgentCode(SimWorld world, SimHost host, SimProcess process) {
        this.world = world;
        this.host = host;
        this.process = process;
        this.dcs = new SimDcs(world.etcd(), world.network(), process, host.hostName());
        var fence = new SimFenceKeeper(process, host);
        this.ports = new Ports(
                dcs,
                new SimProbe(world, process, host.postgres(), host.settings()),
                new SimControl(world, process, host.postgres(), host.settings()),
                fence,
                new SimPeers(world, process, host),
                host.clock(),
                new SimWorker(process),
                new Journal(),
                this::published);
        this.keeper = new LeaseKeeper(
                dcs, fence, host.clock(), host.leaseFile(), host::leaseFile, process::wakeLoop, process::wakeKeeper);
    }

    /** What the process does first; on its loop thread. */
    void begin() {
        var url = "postgres://" + host.hostName() + ":5432/postgres";
        var identity = new Identity(
                host.name(),
                new Scope("service", "demo"),
                () -> Tags.NONE,
                url,
                "http://" + host.hostName() + ":8008/patroni",
                Optional.empty(),
                "0.1.0",
                "{}");
        var created = new HaLoop(identity, ports, keeper, inbox, (why, code) -> finished = true);
        ports.fence().onEvent(created::fenceEvent);
        ports.dcs().watch(process::wakeLoop);
        loop = Optional.of(created);
    }

    MonotonicTime cycle() {
        return loop.orElseThrow().cycle();
    }

    boolean isFinished() {
        return finished;
    }

    /** One turn of the keep-alive thread; returns how long it pauses then. */
    long renew() {
        keeper.renew();
        return keeper.interval().toNanos();
    }

    void request(LocalRequest request) {
        inbox.ask(request);
    }

    /** {@code POST /failsafe}. */
    boolean announced(MemberName leader, Optional<Revision> since) {
        boolean off = process.status()
                .flatMap(s -> s.dcs().lastKnown())
                .filter(c -> !c.config().failsafeMode())
                .isPresent();
        return !off && inbox.announce(leader, since, host.clock().now());
    }

    private void published(NodeStatus status) {
        process.crashPoint();
        process.publish(status);
        status.lastDecision().ifPresent(this::tell);
    }

    private void tell(DecisionEntry entry) {
        world.coverage().fired(Rule.valueOf(entry.rule()));
        boolean done = entry.outcomes().stream().allMatch("Done[]"::equals);
        var failed = done ? "" : " -> " + entry.outcomes().get(entry.outcomes().size() - 1);
        var told = entry.rule() + ": " + entry.because() + failed;
        var key = entry.rule() + failed;
        if (!key.equals(lastTold)) {
            lastTold = key;
            world.trace(host.hostName(), told);
        }
    }

    void close() {
        dcs.close();
    }

    void abandon() {
        finished = true;
        dcs.close();
    }

    /** The journal of a process; its entries are told through the status. */
    private final class Journal implements DecisionJournal {
        @Override
        public void append(DecisionEntry entry) {
            process.crashPoint();
        }

        @Override
        public List<DecisionEntry> newest(int limit) {
            return List.of();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
