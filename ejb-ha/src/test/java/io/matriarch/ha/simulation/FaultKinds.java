package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.MILLI;
import static io.matriarch.ha.simulation.EventScheduler.SECOND;

import java.util.SplittableRandom;

/** The faults one by one, each with its end. */
final class FaultKinds extends FaultSource {
    FaultKinds(SimWorld world, SplittableRandom random) {
        super(world, random);
    }

    private boolean agentIsWell(SimHost host) {
        return host.agent().filter(a -> !a.isStalled() && !a.isDoomed()).isPresent();
    }

    void freezePostgres(SimHost host) {
        if (!host.fence().answers()) {
            return;
        }
        var what = random.nextBoolean() ? SimPostgres.Freeze.POSTMASTER : SimPostgres.Freeze.EVERYTHING;
        host.postgres().freeze(what);
        later(millis(500, 20_000), host.postgres()::thaw);
    }

    void slowStart(SimHost host) {
        fault(host.hostName() + " starts slowly");
        host.slowStart(true);
        host.postgres().killPostmaster();
        later(millis(2_000, 15_000), () -> host.slowStart(false));
    }

    void fullWalDisk(SimHost host) {
        fault(host.hostName() + " has no room for WAL");
        host.postgres().disk().walFull = true;
        later(millis(2_000, 20_000), () -> host.postgres().disk().walFull = false);
    }

    void crashAgent(SimHost host) {
        if (host.fence().isFrozen()) {
            return;
        }
        host.crashAgent();
        later(millis(50, 9_000), host::startAgent);
    }

    void crashBetweenCalls(SimHost host) {
        if (host.fence().isFrozen()) {
            return;
        }
        int calls = random.nextInt(1, 60);
        host.agent().ifPresent(a -> {
            a.crashAfter(calls);
            fault("the agent of " + host.hostName() + " will die after " + calls + " calls");
        });
    }

    void stallAgent(SimHost host) {
        if (host.fence().isFrozen()) {
            return;
        }
        long lasts = random.nextInt(3) == 0 ? millis(100, 2_000) : millis(2_000, 14_000);
        host.agent().ifPresent(a -> {
            fault("the agent of " + host.hostName() + " stalls for " + lasts / MILLI + " ms");
            a.stallUntil(world.scheduler().now() + lasts);
        });
    }

    void killFence(SimHost host) {
        if (!host.postgres().isFrozen()) {
            host.fence().kill();
        }
    }

    void freezeFence(SimHost host) {
        boolean connected =
                world.etcd().isAvailable() && world.network().delivers(host.hostName(), SimNetwork.ETCD, true);
        if (agentIsWell(host) && connected && !host.postgres().isFrozen()) {
            host.fence().freeze();
            later(millis(300, 12_000), host.fence()::thaw);
        }
    }

    void losePower(SimHost host) {
        host.powerLoss();
        later(millis(800, 15_000), () -> {
            host.powerOn();
            host.startAgent();
        });
    }

    void cutFromEtcd(SimHost host) {
        cut(host.hostName(), SimNetwork.ETCD, millis(300, 14_000));
    }

    private void cut(String a, String b, long lasts) {
        int way = random.nextInt(4);
        if (way != 0) {
            world.network().cut(a, b);
        }
        if (way != 1) {
            world.network().cut(b, a);
        }
        fault("cut " + a + (way == 0 ? " <- " : way == 1 ? " -> " : " <-> ") + b + " for " + lasts / MILLI + " ms");
        later(lasts, () -> world.network().mendBothWays(a, b));
    }

    void cutFromPeers(SimHost host) {
        long lasts = millis(300, 14_000);
        world.hosts().stream().filter(h -> h != host).forEach(h -> cut(host.hostName(), h.hostName(), lasts));
    }

    void isolate(SimHost host) {
        long lasts = millis(300, 16_000);
        world.hosts().stream().filter(h -> h != host).forEach(h -> cut(host.hostName(), h.hostName(), lasts));
        cut(host.hostName(), SimNetwork.ETCD, lasts);
    }

    void badNetwork() {
        fault("packets are lost");
        world.network().loss(random.nextDouble(0.01, 0.25));
        var host = world.hosts().get(random.nextInt(world.hosts().size())).hostName();
        world.network().slow(host, SimNetwork.ETCD, millis(1, 900));
        later(millis(1_000, 12_000), () -> {
            world.network().loss(0);
            world.network().slow(host, SimNetwork.ETCD, 0);
        });
    }

    void etcdOutage() {
        if (world.etcd().isAvailable()) {
            world.etcd().loseQuorum();
            later(millis(200, 16_000), () -> {
                if (!world.etcd().isAvailable()) {
                    world.etcd().electLeader();
                }
            });
        }
    }

    void etcdElection() {
        if (world.etcd().isAvailable()) {
            world.etcd().loseQuorum();
            later(millis(100, 1_500), () -> {
                if (!world.etcd().isAvailable()) {
                    world.etcd().electLeader();
                }
            });
        }
    }

    void pauseForAWhile() {
        if (!world.etcd().isAvailable()) {
            return;
        }
        fault("the cluster is paused");
        world.etcd().configure(Setup.paused(world.etcd().configuration(), true));
        later(millis(1_000, 12_000), () -> {
            world.trace("fault", "the cluster is resumed");
            world.etcd().configure(Setup.paused(world.etcd().configuration(), false));
        });
    }

    void slowReplication(SimHost host) {
        fault(host.hostName() + " receives late");
        host.lag(millis(100, 6_000));
        later(millis(1_000, 12_000), () -> host.lag(0));
    }

    void misfortune(SimHost host) {
        switch (random.nextInt(4)) {
            case 0 -> {
                fault("jobs fail");
                world.jobFailure(0.6);
                later(SECOND * 10, () -> world.jobFailure(0));
            }
            case 1 -> {
                fault("the data directory of " + host.hostName() + " cannot be read");
                host.postgres().disk().unreadable = true;
                later(millis(500, 8_000), () -> host.postgres().disk().unreadable = false);
            }
            case 2 -> {
                fault("the wall clock of " + host.hostName() + " jumps");
                host.clock().jumpWallClock(random.nextLong(-7200, 7200) * SECOND);
            }
            default -> {
                fault("all of " + host.hostName() + "'s PostgreSQL and agent at once");
                host.postgres().killPostmaster();
                crashAgent(host);
            }
        }
    }
}
