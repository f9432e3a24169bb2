package io.matriarch.ha.loop;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.MonotonicClock;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks the loop for a cycle. Holds one wake-up at most: any number of reasons before a cycle are one reason for it. */
public final class WakeUps {
    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(1);

    /** Asks for a cycle soon; never blocks. */
    public void wake(String reason) {
        queue.offer(reason);
    }

    /** Blocks until somebody asks or {@code at} comes. */
    void await(MonotonicTime at, MonotonicClock clock) throws InterruptedException {
        long nanos = at.since(clock.now()).toNanos();
        if (nanos > 0) {
            queue.poll(nanos, TimeUnit.NANOSECONDS);
        } else {
            queue.poll();
        }
    }
}
