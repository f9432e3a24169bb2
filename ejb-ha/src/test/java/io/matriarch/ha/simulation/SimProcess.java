package io.matriarch.ha.simulation;

import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One agent's process: the real loop and the real keep-alive over simulated ports, each on a fiber. */
final class SimProcess {
    private final SimWorld world;
    private final SimHost host;
    private final List<Fiber> fibers = new ArrayList<>();
    private final SimAgentCode code;
    private Optional<Fiber> loop = Optional.empty();
    private Optional<Fiber> keeper = Optional.empty();
    private Optional<NodeStatus> status = Optional.empty();
    private final List<Awaiting> awaiting = new ArrayList<>();
    private boolean dead;
    private boolean idle;
    private boolean woken;
    private boolean keeperPauses;
    private boolean keeperWoken;
    private long stalledUntil;
    private long crashAfterCalls = Long.MAX_VALUE;
    private long calls;

    SimProcess(SimWorld world, SimHost host) {
        this.world = world;
        this.host = host;
        this.code = new SimAgentCode(world, host, this);
    }

    void start() {
        loop = Optional.of(fiber("loop", this::runLoop));
        keeper = Optional.of(fiber("lease", this::runKeeper));
    }

    private void runLoop() {
        code.begin();
        while (!code.isFinished()) {
            var wakeAt = code.cycle();
            long until = Math.max(host.clock().trueTimeOf(wakeAt), now() + 100 * EventScheduler.MICRO);
            if (!woken) {
                idle = true;
                Fiber.current().sleep(until - now());
                idle = false;
            }
            woken = false;
        }
        exit();
    }

    private void exit() {
        trace("the agent exits");
        dead = true;
        code.close();
        world.exited(host);
    }

    private void runKeeper() {
        while (!dead) {
            long pause = code.renew();
            if (!keeperWoken) {
                keeperPauses = true;
                Fiber.current().sleep(Math.max(host.clock().trueNanos(pause), EventScheduler.MILLI));
                keeperPauses = false;
            }
            keeperWoken = false;
        }
    }

    /** The keep-alive thread renews at once, or after the renewal that it is in. */
    void wakeKeeper() {
        if (dead) {
            return;
        }
        if (keeperPauses) {
            keeperPauses = false;
            keeper.ifPresent(Fiber::wakeUp);
        } else {
            keeperWoken = true;
        }
    }

    /** A new thread of this process. */
    Fiber fiber(String role, Runnable body) {
        var fiber = new Fiber(world.scheduler(), host.hostName() + "-" + role, () -> stalledUntil, body);
        fibers.removeIf(Fiber::isFinished);
        fibers.add(fiber);
        fiber.start();
        return fiber;
    }

    /** Where the process may die: before each thing that it does to the world. */
    void crashPoint() {
        if (dead) {
            throw new SimulatedCrash();
        }
        if (++calls >= crashAfterCalls) {
            trace("the agent dies between two calls");
            dead = true;
            code.abandon();
            world.exited(host);
            throw new SimulatedCrash();
        }
    }

    void crashAfter(int furtherCalls) {
        crashAfterCalls = calls + furtherCalls;
    }

    /** Whether it is going to die. */
    boolean isDoomed() {
        return crashAfterCalls != Long.MAX_VALUE;
    }

    void sleep(long nanos) {
        if (dead) {
            throw new SimulatedCrash();
        }
        Fiber.current().sleep(Math.max(nanos, 0));
        if (dead) {
            throw new SimulatedCrash();
        }
    }

    void interruptibleSleep(long nanos) throws InterruptedException {
        Fiber.current().interruptibleSleep(nanos);
        if (dead) {
            throw new SimulatedCrash();
        }
    }

    /** The loop looks again at once, or after the cycle that it is in. */
    void wakeLoop() {
        if (dead) {
            return;
        }
        if (idle) {
            idle = false;
            loop.ifPresent(Fiber::wakeUp);
        } else {
            woken = true;
        }
    }

    void kill() {
        dead = true;
        code.abandon();
        List.copyOf(fibers).forEach(Fiber::kill);
        world.died(host);
    }

    /** Ends what is left of a process that died by itself. */
    void reapFibers() {
        List.copyOf(fibers).forEach(Fiber::kill);
    }

    void stallUntil(long time) {
        stalledUntil = Math.max(stalledUntil, time);
    }

    boolean isStalled() {
        return stalledUntil > world.scheduler().now();
    }

    void endStall() {
        if (isStalled()) {
            stalledUntil = 0;
            fibers.forEach(Fiber::stallEnded);
        }
    }

    /** It will not die by itself any more. */
    void spare() {
        crashAfterCalls = Long.MAX_VALUE;
    }

    boolean isDead() {
        return dead;
    }

    void request(LocalRequest request) {
        code.request(request);
        wakeLoop();
    }

    SimAgentCode code() {
        return code;
    }

    Optional<NodeStatus> status() {
        return status;
    }

    void publish(NodeStatus now) {
        status = Optional.of(now);
        var begun = now.publishedAt().minus(now.cycleTook());
        var served = awaiting.stream().filter(a -> begun.isAtOrAfter(a.since)).toList();
        awaiting.removeAll(served);
        served.forEach(a -> a.answer.accept(status));
    }

    /** Answers with a look that began after now, or with the last one when none comes within {@code bound}. */
    void onFreshStatus(long bound, Consumer<Optional<NodeStatus>> answer) {
        var asked = new Awaiting(clock().now(), answer);
        awaiting.add(asked);
        wakeLoop();
        scheduler().after(bound, () -> {
            if (awaiting.remove(asked) && !dead && !isStalled()) {
                answer.accept(status);
            }
        });
    }

    private record Awaiting(MonotonicTime since, Consumer<Optional<NodeStatus>> answer) {}

    long now() {
        return world.scheduler().now();
    }

    ManualClock clock() {
        return host.clock();
    }

    EventScheduler scheduler() {
        return world.scheduler();
    }

    void trace(String what) {
        world.trace(host.hostName(), what);
    }
}
