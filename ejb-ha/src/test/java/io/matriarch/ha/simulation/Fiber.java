package io.matriarch.ha.simulation;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A thread of a simulated process. Only one fiber runs at any time, and only while the scheduler waits for it, so that the real,
 * blocking code runs unchanged and yet in an order that the seed alone decides.
 */
final class Fiber {
    private static final ThreadLocal<Fiber> CURRENT = new ThreadLocal<>();

    private final EventScheduler scheduler;
    private final Thread thread;
    private final LongSupplier stalledUntil;
    private volatile boolean mine;
    private volatile Thread driver;
    private boolean killed;
    private boolean finished;
    private boolean interrupted;
    private long nap;
    private boolean heldUp;
    private EventScheduler.Event wake;
    private Throwable failure;

    /**
     * @param stalledUntil true time before which the process gets no processor
     * @param body what it runs; a {@link SimulatedCrash} ends it silently
     */
    Fiber(EventScheduler scheduler, String name, LongSupplier stalledUntil, Runnable body) {
        this.scheduler = scheduler;
        this.stalledUntil = stalledUntil;
        this.thread = Thread.ofVirtual().name(name).unstarted(() -> run(body));
    }

    /** The fiber that runs this code. */
    static Fiber current() {
        var fiber = CURRENT.get();
        if (fiber == null) {
            throw new IllegalStateException("a port was called outside of the simulated processes");
        }
        return fiber;
    }

    private void run(Runnable body) {
        CURRENT.set(this);
        awaitTurn();
        try {
            if (!killed) {
                body.run();
            }
        } catch (SimulatedCrash expected) {
            // The process is gone.
        } catch (Throwable t) {
            failure = t;
        }
        finished = true;
        handBack();
    }

    void start() {
        thread.start();
        long token = ++nap;
        scheduler.after(0, () -> resume(token));
    }

    boolean isFinished() {
        return finished;
    }

    /** Called on the fiber: lets the world go on for {@code nanos}, or until it is woken. */
    void sleep(long nanos) {
        long token = ++nap;
        wake = scheduler.after(nanos, () -> resume(token));
        handBack();
        awaitTurn();
        if (killed) {
            throw new SimulatedCrash();
        }
    }

    /** Called on the fiber: like {@link #sleep}, but ended by {@link #interrupt}. */
    void interruptibleSleep(long nanos) throws InterruptedException {
        if (!interrupted) {
            sleep(nanos);
        }
        if (interrupted) {
            interrupted = false;
            throw new InterruptedException("cancelled");
        }
    }

    /** Ends the sleep at once. */
    void wakeUp() {
        if (finished || wake == null) {
            return;
        }
        wake.cancel();
        long token = nap;
        wake = scheduler.after(0, () -> resume(token));
    }

    /** The process gets the processor again: what waited only for that goes on. */
    void stallEnded() {
        if (heldUp) {
            wakeUp();
        }
    }

    void interrupt() {
        interrupted = true;
        wakeUp();
    }

    /** Ends the fiber where it stands; what it would still have done does not happen. */
    void kill() {
        killed = true;
        if (!finished && Thread.currentThread() != thread) {
            turn();
        }
    }

    private void resume(long token) {
        if (finished || token != nap) {
            return;
        }
        long stalled = stalledUntil.getAsLong();
        heldUp = stalled > scheduler.now();
        if (heldUp) {
            wake = scheduler.at(stalled, () -> resume(token));
            return;
        }
        turn();
        if (failure != null) {
            var thrown = failure;
            failure = null;
            throw new IllegalStateException("the loop threw", thrown);
        }
    }

    private void turn() {
        if (thread.getState() == Thread.State.NEW) {
            finished = true;
            return;
        }
        driver = Thread.currentThread();
        mine = true;
        LockSupport.unpark(thread);
        while (mine) {
            LockSupport.park(this);
        }
    }

    private void handBack() {
        mine = false;
        LockSupport.unpark(driver);
    }

    private void awaitTurn() {
        while (!mine) {
            LockSupport.park(this);
        }
    }
}
