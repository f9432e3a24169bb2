package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.SECOND;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What goes wrong less often, on top of {@link Faults}: volumes mixed up, servers started by hand, changed settings and modes, requests
 * to etcd that arrive after their sender gave up. Drawn from a stream of their own, so that another kind here leaves the usual faults of
 * a seed as they are.
 */
final class RareFaults extends FaultSource {
    private final Faults.Profile profile;
    private final Map<SimHost, SimPostgres.Disk> displaced = new LinkedHashMap<>();
    private long until;
    private int settings;
    private boolean healed;

    RareFaults(SimWorld world, SplittableRandom random, Faults.Profile profile) {
        super(world, random);
        this.profile = profile;
    }

    /** Two seeds of three have some. */
    static boolean wanted(SplittableRandom random) {
        return random.nextInt(3) != 0;
    }

    /** Times and permissions that an operator may choose; nothing that could cost a commit where none may be lost. */
    static ClusterConfig unusual(ClusterConfig c, SplittableRandom random, Faults.Profile profile) {
        int start = random.nextInt(8);
        boolean stayAside = random.nextInt(6) == 0;
        if (profile == Faults.Profile.LOSSLESS) {
            return c;
        }
        var limit = start == 0 ? Duration.ZERO : start < 4 ? Duration.ofSeconds(start * 2L) : c.primaryStartTimeout();
        var limited = Setup.withStartTimeout(c, limit);
        return stayAside ? Setup.withRejoin(limited, false, false) : limited;
    }

    /** Before the first agent starts. */
    void beforeTheFirstStart() {
        world.failInitdb(random.nextInt(4) == 0 ? random.nextInt(1, 3) : 0);
        world.network().lateRequests(random.nextBoolean());
    }

    void begin(long lasting) {
        until = world.scheduler().now() + lasting;
        next();
    }

    private void next() {
        long pause = random.nextLong(SECOND, (profile == Faults.Profile.STORM ? 12 : 25) * SECOND);
        if (world.scheduler().now() + pause < until) {
            world.scheduler().after(pause, () -> {
                one();
                next();
            });
        }
    }

    private void one() {
        var hosts = world.hosts();
        var any = hosts.get(random.nextInt(hosts.size()));
        int kind = random.nextInt(12);
        if (profile == Faults.Profile.LOSSLESS && kind > 3) {
            return;
        }
        switch (kind) {
            case 0 -> changeSettings();
            case 1 -> scheduleSwitchover();
            case 2 -> compact();
            case 3 -> failover();
            case 4 -> wrongVolume(any);
            case 5 -> startByHand(any);
            case 6, 7 ->
                refuseSessions(random.nextBoolean() ? world.writablePrimary().orElse(any) : any);
            case 8 -> changeMode();
            case 9 -> loseLease(any);
            case 10 -> slowLinks(any);
            default -> recoverSlowly(world.writablePrimary().orElse(any));
        }
    }

    private boolean isPaused() {
        return world.etcd().configuration().pause();
    }

    void changeSettings() {
        if (random.nextInt(4) == 0) {
            world.trace("op", "the configuration is deleted");
            world.etcd().loseConfiguration();
            return;
        }
        world.trace("op", "settings are changed");
        world.etcd().changeSettings("{\"postgresql\":{\"parameters\":{\"work_mem\":" + ++settings + "}}}");
    }

    void scheduleSwitchover() {
        var leader = world.etcd().leaderName();
        if (leader.isEmpty() || !world.etcd().isAvailable() || isPaused()) {
            return;
        }
        scheduleSwitchover(leader.get(), random.nextLong(1, 10));
    }

    /** By the clock of the leader, which is the one that goes by it. */
    void scheduleSwitchover(MemberName leader, long seconds) {
        world.trace("op", "switchover from " + leader + " in " + seconds + " s");
        var at = world.host(leader.value()).clock().wallClock().plusSeconds(seconds);
        world.etcd()
                .writeFailover(
                        Optional.of(new FailoverRequest(
                                Optional.of(leader), Optional.empty(), Optional.of(at), false, new Revision(0))),
                        Optional.empty());
    }

    /** Whoever is named, and however far behind: what the leader or the election makes of it must be safe. */
    private void failover() {
        var leader = world.etcd().leaderName();
        if (leader.isEmpty() || !world.etcd().isAvailable() || world.etcd().hasFailoverRequest()) {
            return;
        }
        var candidates = world.hosts().stream()
                .filter(h -> !h.name().equals(leader.get()))
                .toList();
        var to = candidates.get(random.nextInt(candidates.size())).name();
        world.trace("op", "failover to " + to);
        world.etcd()
                .writeFailover(
                        Optional.of(new FailoverRequest(
                                Optional.empty(), Optional.of(to), Optional.empty(), false, new Revision(0))),
                        Optional.empty());
    }

    private void compact() {
        world.etcd().compact(millis(50, 3_000));
    }

    /** The host comes up with the volume of another cluster; later somebody notices. */
    void wrongVolume(SimHost host) {
        if (isPaused()
                || host.fence().isFrozen()
                || displaced.containsKey(host)
                || world.etcd().identifier().isEmpty()) {
            return;
        }
        host.powerLoss();
        displaced.put(host, host.postgres().swapVolume(SimPostgres.Disk.ofAnotherCluster(world)));
        fault(host.hostName() + " comes up with the wrong volume");
        switchOnLater(host, millis(500, 3_000));
        long noticed = millis(4_000, 9_000);
        long on = millis(300, 2_000);
        later(noticed, () -> {
            if (rightVolume(host)) {
                switchOnLater(host, on);
            }
        });
    }

    private void switchOnLater(SimHost host, long delay) {
        later(delay, () -> {
            host.powerOn();
            host.startAgent();
        });
    }

    private boolean rightVolume(SimHost host) {
        var right = Optional.ofNullable(displaced.remove(host));
        right.ifPresent(disk -> {
            host.powerLoss();
            host.postgres().swapVolume(disk);
            fault(host.hostName() + " gets its own volume back");
        });
        return right.isPresent();
    }

    /** While its agent is away, somebody starts a replica with {@code pg_ctl}. A primary nobody may start by hand. */
    void startByHand(SimHost host) {
        if (isPaused() || host.fence().isFrozen() || !host.isPowered()) {
            return;
        }
        host.crashAgent();
        host.postgres().killPostmaster();
        later(millis(3_200, 4_000), () -> {
            if (!healed
                    && host.agent().isEmpty()
                    && host.isPowered()
                    && host.postgres().startByHand()) {
                fault(host.hostName() + "'s PostgreSQL was started by hand");
            }
        });
        later(millis(4_100, 9_000), host::startAgent);
    }

    /** The agent's password was changed, or its role dropped: the server lives and will not speak to the agent. */
    void refuseSessions(SimHost host) {
        fault(host.hostName() + "'s PostgreSQL refuses the agent's sessions");
        host.postgres().refuseAgent(true);
        later(millis(300, 9_000), () -> host.postgres().refuseAgent(false));
    }

    private void changeMode() {
        if (!world.etcd().isAvailable()) {
            return;
        }
        var c = world.etcd().configuration();
        var changed = switch (random.nextInt(4)) {
            case 0 -> Setup.withMode(c, SynchronousMode.OFF);
            case 1 -> Setup.withMode(c, SynchronousMode.PRIORITY);
            case 2 -> Setup.withMode(c, SynchronousMode.QUORUM);
            default -> Setup.withFailsafe(c, !c.failsafeMode());
        };
        world.trace(
                "op", "synchronous_mode " + changed.synchronousMode() + ", failsafe_mode " + changed.failsafeMode());
        world.etcd().configure(changed);
    }

    /** An etcd that loses a lease takes no notice of what the fence relies on; so only that of a member that does not lead. */
    private void loseLease(SimHost host) {
        if (!world.etcd().leaderName().equals(Optional.of(host.name()))) {
            fault("etcd loses the lease of " + host.hostName());
            world.etcd().revokeLeaseOf(host.name());
        }
    }

    private void slowLinks(SimHost host) {
        fault("everything to and from " + host.hostName() + " is late");
        long extra = millis(20, 1_500);
        slow(host, extra);
        later(millis(1_000, 10_000), () -> slow(host, 0));
    }

    private void slow(SimHost host, long extra) {
        var others = world.hosts().stream().filter(h -> h != host).map(SimHost::hostName);
        java.util.stream.Stream.concat(others, java.util.stream.Stream.of(SimNetwork.ETCD))
                .forEach(other -> {
                    world.network().slow(host.hostName(), other, extra);
                    world.network().slow(other, host.hostName(), extra);
                });
    }

    private void recoverSlowly(SimHost host) {
        fault(host.hostName() + " recovers slowly");
        host.slowStart(true);
        host.postgres().killPostmaster();
        later(millis(4_000, 14_000), () -> host.slowStart(false));
    }

    /** What an operator would set right in the end. */
    void heal(ClusterConfig usual) {
        healed = true;
        world.hosts().forEach(this::rightVolume);
        world.hosts().forEach(h -> h.postgres().refuseAgent(false));
        world.etcd().configure(Setup.withRejoin(usual, usual.usePgRewind(), true));
    }
}
