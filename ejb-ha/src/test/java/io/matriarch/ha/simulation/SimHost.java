package io.matriarch.ha.simulation;

import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.NodeStatus;
import java.util.Optional;

/** One machine: its clock, its PostgreSQL, its fence, and the agent process that runs on it now, if any. */
final class SimHost {
    private final SimWorld world;
    private final MemberName name;
    private final ManualClock clock;
    private final SimPostgres postgres;
    private final SimFence fence;
    private final SimSettings settings = new SimSettings();
    private Optional<SimProcess> agent = Optional.empty();
    private Optional<LeaseId> leaseFile = Optional.empty();
    private boolean powered = true;
    private boolean slowStart;
    private long lag;

    SimHost(SimWorld world, String name, ManualClock clock) {
        this.world = world;
        this.name = new MemberName(name);
        this.clock = clock;
        this.postgres = new SimPostgres(world, name);
        this.fence = new SimFence(world, postgres, clock);
    }

    SimWorld world() {
        return world;
    }

    MemberName name() {
        return name;
    }

    String hostName() {
        return name.value();
    }

    ManualClock clock() {
        return clock;
    }

    SimPostgres postgres() {
        return postgres;
    }

    SimFence fence() {
        return fence;
    }

    SimSettings settings() {
        return settings;
    }

    Optional<SimProcess> agent() {
        return agent.filter(a -> !a.isDead());
    }

    /** Whether requests over HTTP are answered. */
    boolean serves() {
        return agent().filter(a -> !a.isStalled()).isPresent();
    }

    Optional<NodeStatus> status() {
        return agent().flatMap(SimProcess::status);
    }

    /** The lease that the last agent wrote down for the next. */
    Optional<LeaseId> leaseFile() {
        return leaseFile;
    }

    void leaseFile(Optional<LeaseId> lease) {
        leaseFile = lease;
    }

    boolean isPowered() {
        return powered;
    }

    boolean isSlowStart() {
        return slowStart;
    }

    void slowStart(boolean slow) {
        slowStart = slow;
    }

    long lag() {
        return lag;
    }

    void lag(long nanos) {
        lag = nanos;
    }

    void startAgent() {
        if (powered && agent().isEmpty()) {
            world.trace(hostName(), "the agent starts");
            var process = new SimProcess(world, this);
            agent = Optional.of(process);
            process.start();
        }
    }

    void crashAgent() {
        agent().ifPresent(a -> {
            world.trace(hostName(), "the agent was killed");
            a.kill();
        });
    }

    /** Ends the threads of an agent that died by itself. */
    void reapAgent() {
        agent.filter(SimProcess::isDead).ifPresent(SimProcess::reapFibers);
    }

    void powerLoss() {
        world.trace(hostName(), "the host lost its power");
        powered = false;
        agent().ifPresent(SimProcess::kill);
        postgres.powerLoss();
        fence.powerLoss();
    }

    void powerOn() {
        if (!powered) {
            world.trace(hostName(), "the host is up again");
            powered = true;
        }
    }
}
