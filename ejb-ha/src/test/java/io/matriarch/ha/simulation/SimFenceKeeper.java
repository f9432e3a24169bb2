package io.matriarch.ha.simulation;

import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.StopMode;
import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One agent's connection to its member's fence. */
final class SimFenceKeeper implements FenceKeeper {
    private static final long ANSWER_WITHIN = 500 * EventScheduler.MILLI;
    private static final long START_WITHIN = 2 * EventScheduler.SECOND;
    private static final long TRIP = 150 * EventScheduler.MICRO;

    private final SimProcess process;
    private final SimHost host;
    private Consumer<Event> listener = event -> {};
    private boolean connected;

    SimFenceKeeper(SimProcess process, SimHost host) {
        this.process = process;
        this.host = host;
    }

    private SimFence fence() {
        return host.fence();
    }

    private void silence(String what) throws FenceException {
        if (!isInControl()) {
            connected = false;
            throw new FenceException(what + ": not connected", true);
        }
        answer(what);
    }

    @Override
    public boolean isInControl() {
        return connected && fence().obeys(this);
    }

    private void answer(String what) throws FenceException {
        if (!fence().isAlive()) {
            throw new FenceException(what + ": nobody listens", true);
        }
        if (!fence().answers()) {
            process.sleep(process.clock().trueNanos(ANSWER_WITHIN));
            throw new FenceException(what + ": no answer", true);
        }
    }

    private void ask(String what, Supplier<Optional<String>> effect) throws FenceException {
        process.crashPoint();
        process.sleep(TRIP);
        silence(what);
        var refusal = effect.get();
        process.sleep(TRIP);
        if (refusal.isPresent()) {
            throw new FenceException(what + ": " + refusal.get(), false);
        }
    }

    @Override
    public FenceView connect() throws FenceException {
        process.crashPoint();
        connected = false;
        if (!fence().isAlive()) {
            sweep();
            process.sleep(host.world().random(20, 60) * EventScheduler.MILLI);
            fence().spawn();
        }
        process.sleep(TRIP);
        answer("HELLO");
        connected = true;
        fence().listen(this, this::heard);
        var view = fence().view();
        process.sleep(TRIP);
        return view;
    }

    private void sweep() throws FenceException {
        if (!host.postgres().isDown() && !host.postgres().isByHand()) {
            host.postgres().killEverything(200 * EventScheduler.MILLI);
            long until = process.now() + START_WITHIN;
            while (!host.postgres().isDown() && process.now() < until) {
                process.sleep(20 * EventScheduler.MILLI);
            }
        }
    }

    private void heard(Event event) {
        if (!process.isDead()) {
            listener.accept(event);
            process.wakeLoop();
        }
    }

    @Override
    public FenceView view() {
        process.crashPoint();
        process.sleep(TRIP);
        try {
            answer("STATUS");
        } catch (FenceException e) {
            return FenceView.UNREACHABLE;
        }
        return fence().view();
    }

    @Override
    public long start(StartCommand command) throws FenceException {
        ask("START", fence()::start);
        return host.postgres().pid();
    }

    @Override
    public void extend(MonotonicTime until) throws FenceException {
        ask("DEADLINE", () -> fence().deadline(Optional.of(until)));
    }

    @Override
    public void disarm() throws FenceException {
        ask("DEADLINE none", () -> fence().deadline(Optional.empty()));
    }

    @Override
    public void stop(StopMode mode, Duration timeout) throws FenceException {
        ask("STOP", () -> {
            fence().stop(mode, timeout);
            return Optional.empty();
        });
    }

    @Override
    public void nudge() throws FenceException {
        ask("SIGNAL USR1", Optional::empty);
    }

    @Override
    public void clear() throws FenceException {
        ask("CLEAR", () -> {
            fence().clear();
            return Optional.empty();
        });
    }

    @Override
    public void kill() throws FenceException {
        process.crashPoint();
        fence().kill();
        sweep();
        connected = false;
    }

    @Override
    public void quit() throws FenceException {
        ask("QUIT", () -> fence().quit() ? Optional.empty() : Optional.of("a postmaster lives"));
    }

    @Override
    public void onEvent(Consumer<Event> newListener) {
        listener = newListener;
    }

    @Override
    public void close() {
        connected = false;
    }
}
