package io.matriarch.ha.simulation;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * The one queue of everything that happens. Time is true time in nanoseconds since the beginning; events of the same time run in the
 * order in which they were scheduled.
 */
final class EventScheduler {
    static final long MICRO = 1_000L;
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1_000_000_000L;

    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private long now;
    private long sequence;
    private long executed;
    private Runnable afterEach = () -> {};

    static long nanos(Duration duration) {
        return duration.toNanos();
    }

    long now() {
        return now;
    }

    /** How many events ran so far. */
    long executed() {
        return executed;
    }

    void afterEach(Runnable check) {
        afterEach = check;
    }

    Event at(long time, Runnable task) {
        var event = new Event(Math.max(time, now), sequence++, task);
        queue.add(event);
        return event;
    }

    Event after(long delay, Runnable task) {
        return at(now + delay, task);
    }

    /** Runs everything up to {@code time}, or less when {@code stop} says so. */
    void runUntil(long time, java.util.function.BooleanSupplier stop) {
        while (!queue.isEmpty() && queue.peek().at <= time && !stop.getAsBoolean()) {
            var event = queue.poll();
            if (event.cancelled) {
                continue;
            }
            now = event.at;
            executed++;
            event.task.run();
            afterEach.run();
        }
        if (!stop.getAsBoolean()) {
            now = Math.max(now, time);
        }
    }

    /** Something that happens unless it is cancelled before. */
    static final class Event implements Comparable<Event> {
        private final long at;
        private final long order;
        private final Runnable task;
        private boolean cancelled;

        private Event(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }

        void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }
}
