package io.matriarch.ha.simulation;

import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.port.FenceKeeper.Event;
import io.matriarch.ha.port.FenceKeeper.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The fence process of one member: PostgreSQL's parent, and the holder of the deadline on the host's clock. It outlives the agent. */
final class SimFence {
    private final SimWorld world;
    private final SimPostgres postgres;
    private final ManualClock clock;
    private final List<Runnable> whileFrozen = new ArrayList<>();
    private boolean alive;
    private boolean frozen;
    private FenceView.State state = FenceView.State.IDLE;
    private Optional<MonotonicTime> deadline = Optional.empty();
    private Optional<Reason> ending = Optional.empty();
    private Optional<String> proof = Optional.empty();
    private Consumer<Event> listener = event -> {};
    private Optional<Object> inControl = Optional.empty();
    private long generation;
    private long deadlineToken;

    SimFence(SimWorld world, SimPostgres postgres, ManualClock clock) {
        this.world = world;
        this.postgres = postgres;
        this.clock = clock;
    }

    boolean isAlive() {
        return alive;
    }

    boolean answers() {
        return alive && !frozen;
    }

    boolean isFrozen() {
        return frozen;
    }

    /** True time at which it acts; empty while it is not armed or not there. */
    Optional<Long> actsAt() {
        return alive ? deadline.map(clock::trueTimeOf) : Optional.empty();
    }

    /** A new process: it first ends what an earlier one left behind. */
    void spawn() {
        alive = true;
        frozen = false;
        generation++;
        state = FenceView.State.IDLE;
        deadline = Optional.empty();
        ending = Optional.empty();
        whileFrozen.clear();
        inControl = Optional.empty();
        long mine = generation;
        postgres.parent(() -> ifMine(mine, this::postmasterGone), () -> ifMine(mine, this::allGone));
    }

    private void ifMine(long mine, Runnable task) {
        if (mine != generation || !alive) {
            return;
        }
        if (frozen) {
            whileFrozen.add(() -> ifMine(mine, task));
        } else {
            task.run();
        }
    }

    /** {@code client} is in control from now on. */
    void listen(Object client, Consumer<Event> newest) {
        listener = newest;
        inControl = Optional.of(client);
    }

    boolean obeys(Object client) {
        return alive && inControl.filter(c -> c == client).isPresent();
    }

    /** The connection breaks; both of its ends live on. */
    void loseControl() {
        world.trace(postgres.name(), "the connection to the fence breaks");
        inControl = Optional.empty();
        event(new Event.Disconnected());
        listener = event -> {};
    }

    FenceView view() {
        return new FenceView(state, postgres.guardedPid(), deadline, proof);
    }

    /** @return why not, or empty */
    Optional<String> start() {
        if (state != FenceView.State.IDLE) {
            return Optional.of("state is " + state);
        }
        if (!postgres.isDown()) {
            return Optional.of("a postmaster of an earlier fence still lives");
        }
        if (deadline.filter(d -> clock.now().isAtOrAfter(d)).isPresent()) {
            return Optional.of("the deadline lies in the past");
        }
        state = FenceView.State.RUNNING;
        ending = Optional.empty();
        postgres.start();
        return Optional.empty();
    }

    /** @return why not, or empty */
    Optional<String> deadline(Optional<MonotonicTime> until) {
        if (until.isPresent()
                && (state == FenceView.State.FENCED
                        || ending.filter(Reason.FENCED::equals).isPresent())) {
            return Optional.of("the deadline passed");
        }
        deadline = until;
        long token = ++deadlineToken;
        until.ifPresent(d -> world.scheduler().at(clock.trueTimeOf(d), () -> deadlinePassed(token)));
        return Optional.empty();
    }

    private void deadlinePassed(long token) {
        if (!alive || token != deadlineToken) {
            return;
        }
        if (frozen) {
            whileFrozen.add(() -> deadlinePassed(token));
            return;
        }
        boolean holds = state == FenceView.State.RUNNING || state == FenceView.State.STOPPING;
        if (holds && ending.filter(Reason.FENCED::equals).isEmpty()) {
            world.trace(postgres.name(), "the fence acts");
            ending = Optional.of(Reason.FENCED);
            state = FenceView.State.STOPPING;
            postgres.killEverything(ending());
        }
    }

    /** Processes end at once on SIGQUIT, save those that have to wait for SIGKILL. */
    private long ending() {
        return (world.chance(0.8) ? world.random(1, 8) : world.random(200, 240)) * EventScheduler.MILLI;
    }

    void stop(StopMode mode, Duration timeout) {
        if (postgres.isDown() || postgres.isByHand()) {
            return;
        }
        state = FenceView.State.STOPPING;
        if (ending.isEmpty()) {
            ending = Optional.of(Reason.STOP);
        }
        postgres.stop(mode);
        long mine = generation;
        long pid = postgres.pid();
        long step = clock.trueNanos(EventScheduler.nanos(timeout));
        world.scheduler().after(step, () -> ifMine(mine, () -> escalate(mode, timeout, pid)));
    }

    private void escalate(StopMode mode, Duration timeout, long pid) {
        if (!postgres.isDown() && postgres.pid() == pid && mode != StopMode.IMMEDIATE) {
            stop(mode == StopMode.SMART ? StopMode.FAST : StopMode.IMMEDIATE, timeout);
        }
    }

    void clear() {
        if (state == FenceView.State.FENCED) {
            state = FenceView.State.IDLE;
            deadline = Optional.empty();
            deadlineToken++;
        }
    }

    private void postmasterGone() {
        event(new Event.PostmasterDied(1, clock.now()));
        if (ending.isEmpty()) {
            ending = Optional.of(Reason.CRASH);
        }
        state = FenceView.State.STOPPING;
        if (!postgres.isDown()) {
            postgres.killEverything(ending());
        }
    }

    private void allGone() {
        var reason = ending.orElse(Reason.CRASH);
        state = reason == Reason.FENCED ? FenceView.State.FENCED : FenceView.State.IDLE;
        ending = Optional.empty();
        proof = Optional.of("{\"reason\":\"" + reason + "\"}");
        event(new Event.Exited(1, reason, clock.now()));
    }

    private void event(Event event) {
        var to = listener;
        world.scheduler().after(200 * EventScheduler.MICRO, () -> to.accept(event));
    }

    void freeze() {
        if (alive) {
            frozen = true;
            world.trace(postgres.name(), "the fence is frozen");
        }
    }

    void thaw() {
        if (frozen) {
            frozen = false;
            world.trace(postgres.name(), "the fence is thawed");
            var pending = List.copyOf(whileFrozen);
            whileFrozen.clear();
            pending.forEach(Runnable::run);
        }
    }

    /** {@code kill -9}: the kernel ends the postmaster at once, a frozen postmaster is left for the next fence to sweep. */
    void kill() {
        if (!alive) {
            return;
        }
        world.trace(postgres.name(), "the fence was killed");
        alive = false;
        frozen = false;
        generation++;
        event(new Event.Disconnected());
        if (!postgres.isFrozen() && !postgres.isByHand()) {
            postgres.killEverything(world.random(10, 60) * EventScheduler.MILLI);
        }
    }

    void powerLoss() {
        alive = false;
        frozen = false;
        generation++;
        state = FenceView.State.IDLE;
        deadline = Optional.empty();
        whileFrozen.clear();
        listener = event -> {};
    }

    /** The agent's clean end of a fence without PostgreSQL. */
    boolean quit() {
        if (!postgres.isDown() && !postgres.isByHand()) {
            return false;
        }
        alive = false;
        generation++;
        return true;
    }
}
