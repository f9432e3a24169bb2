package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.MILLI;
import static io.matriarch.ha.simulation.EventScheduler.SECOND;

import io.matriarch.ha.model.DataDirectory;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SystemIdentifier;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What goes wrong in a run, drawn from its seed. A fence is frozen only where nothing else is: what holds when the fence and the agent
 * of one member stop together is nobody's promise.
 */
final class Faults {
    private final SimWorld world;
    private final SplittableRandom random;
    private final Profile profile;
    private final FaultKinds kinds;
    private long until;

    /** How much goes wrong. */
    enum Profile {
        /** PostgreSQL crashes and operators hand over; nothing may be lost. */
        LOSSLESS,
        /** One fault after the other, with time to recover. */
        CALM,
        /** Anything at any time. */
        STORM
    }

    Faults(SimWorld world, SplittableRandom random, Profile profile) {
        this.world = world;
        this.random = random;
        this.profile = profile;
        this.kinds = new FaultKinds(world, random);
    }

    boolean isLossless() {
        return profile == Profile.LOSSLESS;
    }

    static Profile draw(SplittableRandom random) {
        int n = random.nextInt(100);
        return n < 20 ? Profile.LOSSLESS : n < 60 ? Profile.CALM : Profile.STORM;
    }

    void begin(long lasting) {
        until = world.scheduler().now() + lasting;
        next();
    }

    private void next() {
        long pause = switch (profile) {
            case LOSSLESS -> random.nextLong(2 * SECOND, 9 * SECOND);
            case CALM -> random.nextLong(5 * SECOND, 15 * SECOND);
            case STORM -> random.nextLong(50 * MILLI, 4 * SECOND);
        };
        if (world.scheduler().now() + pause < until) {
            world.scheduler().after(pause, () -> {
                one();
                next();
            });
        }
    }

    private void one() {
        if (profile == Profile.LOSSLESS) {
            if (world.allStreaming()) {
                if (random.nextInt(3) == 0) {
                    switchover();
                } else {
                    world.writablePrimary().ifPresent(h -> h.postgres().killPostmaster());
                }
            }
            return;
        }
        var hosts = world.hosts();
        // Whatever happens to the primary is the more interesting.
        var host = random.nextInt(5) < 3 ? world.writablePrimary().orElse(any(hosts)) : any(hosts);
        switch (random.nextInt(26)) {
            case 0, 1 -> host.postgres().killPostmaster();
            case 2 -> kinds.freezePostgres(host);
            case 3 -> kinds.slowStart(host);
            case 4 -> kinds.fullWalDisk(host);
            case 5, 6 -> kinds.crashAgent(host);
            case 7, 8 -> kinds.crashBetweenCalls(host);
            case 9, 10 -> kinds.stallAgent(host);
            case 11 -> kinds.killFence(host);
            case 12 -> kinds.freezeFence(host);
            case 13 -> kinds.losePower(host);
            case 14, 15 -> kinds.cutFromEtcd(host);
            case 16 -> kinds.cutFromPeers(host);
            case 17 -> kinds.isolate(host);
            case 18 -> kinds.badNetwork();
            case 19 -> kinds.etcdOutage();
            case 20 -> kinds.etcdElection();
            case 21 -> switchover();
            case 22 -> kinds.pauseForAWhile();
            case 23 -> request(host);
            case 24 -> kinds.slowReplication(host);
            default -> kinds.misfortune(host);
        }
    }

    private SimHost any(List<SimHost> hosts) {
        return hosts.get(random.nextInt(hosts.size()));
    }

    private void switchover() {
        var leader = world.etcd().leaderName();
        if (leader.isEmpty() || !world.etcd().isAvailable()) {
            return;
        }
        var others = world.hosts().stream()
                .filter(h -> !h.name().equals(leader.get()))
                .toList();
        Optional<MemberName> candidate = random.nextBoolean()
                ? Optional.empty()
                : Optional.of(any(others).name());
        world.trace(
                "op",
                "switchover from " + leader.get()
                        + candidate.map(c -> " to " + c).orElse(""));
        world.etcd()
                .writeFailover(
                        Optional.of(new FailoverRequest(leader, candidate, Optional.empty(), false, new Revision(0))),
                        Optional.empty());
    }

    private void request(SimHost host) {
        var request = switch (random.nextInt(4)) {
            case 0 -> LocalRequest.RESTART;
            case 1 -> LocalRequest.REINITIALIZE;
            default -> LocalRequest.SHUT_DOWN;
        };
        host.agent().ifPresent(a -> {
            world.trace("op", request + " on " + host.hostName());
            a.request(request);
        });
    }

    /** A member that made a cluster and could not publish it before another did waits for somebody who empties its directory. */
    private void discardUnpublished(SimHost host, SystemIdentifier published) {
        var disk = host.postgres().disk();
        if (host.postgres().isDown()
                && disk.data == DataDirectory.PRESENT
                && disk.system.filter(s -> !s.equals(published)).isPresent()) {
            world.check(
                    !world.ledger().knows(disk.wal.last().branch()),
                    () -> host.hostName() + " has acknowledged commits of a cluster that was never published");
            disk.data = DataDirectory.EMPTY;
        }
    }

    /** Everything works again, all at once. */
    void heal() {
        world.trace("world", "HEALED");
        world.network().healAll();
        if (!world.etcd().isAvailable()) {
            world.etcd().electLeader();
        }
        world.etcd().configure(Setup.paused(world.etcd().configuration(), false));
        world.jobFailure(0);
        world.etcd().identifier().ifPresent(id -> world.hosts().forEach(h -> discardUnpublished(h, id)));
        for (var host : world.hosts()) {
            host.slowStart(false);
            host.lag(0);
            host.postgres().disk().walFull = false;
            host.postgres().disk().unreadable = false;
            host.postgres().thaw();
            host.fence().thaw();
            host.powerOn();
            host.agent().ifPresent(SimProcess::endStall);
            host.agent().ifPresent(SimProcess::spare);
            host.startAgent();
        }
    }
}
