package io.matriarch.ha.adapter.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs one piece of work at a time on a thread of its own and waits for it with a bound: a read from a dead disk cannot be interrupted,
 * and must not hold up the caller. While a piece hangs, further ones are refused. Used by one thread.
 */
final class Bounded implements AutoCloseable {
    private final LinkedBlockingQueue<FutureTask<?>> tasks = new LinkedBlockingQueue<>(1);
    private final Thread thread;
    private Optional<FutureTask<?>> hanging = Optional.empty();
    private volatile boolean closed;

    Bounded(String name) {
        thread = Thread.ofPlatform().daemon().name(name).start(this::work);
    }

    /**
     * Waits at most {@code bound} for the result.
     *
     * @return empty when there was none in time; the work goes on, for what it gains (a session) serves the next call
     * @throws ExecutionException if the work failed
     */
    <T> Optional<T> call(Callable<T> work, Duration bound) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        if (!settled(bound)) {
            return Optional.empty();
        }
        var task = new FutureTask<>(work);
        tasks.put(task);
        try {
            return Optional.of(task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            hanging = Optional.of(task);
            return Optional.empty();
        } catch (InterruptedException e) {
            hanging = Optional.of(task);
            throw e;
        }
    }

    private boolean settled(Duration bound) throws InterruptedException {
        var before = hanging;
        if (before.isEmpty()) {
            return true;
        }
        try {
            before.get().get(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException | CancellationException e) {
            // Its result interests nobody any more.
        }
        hanging = Optional.empty();
        return true;
    }

    private void work() {
        while (!closed) {
            try {
                tasks.take().run();
            } catch (InterruptedException e) {
                // close() wakes us: the loop's condition tells.
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
