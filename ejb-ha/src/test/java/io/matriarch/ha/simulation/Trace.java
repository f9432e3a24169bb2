package io.matriarch.ha.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What happened, in order: the tail as text, the whole as a number that is the same for the same seed. */
final class Trace {
    private final EventScheduler scheduler;
    private final int limit;
    private final Deque<String> tail = new ArrayDeque<>();
    private long hash = 1469598103934665603L;

    Trace(EventScheduler scheduler, int limit) {
        this.scheduler = scheduler;
        this.limit = limit;
    }

    void add(String who, String what) {
        hash = (hash ^ scheduler.now()) * 1099511628211L;
        hash = (hash ^ who.hashCode()) * 1099511628211L;
        hash = (hash ^ what.hashCode()) * 1099511628211L;
        if (limit > 0) {
            long millis = scheduler.now() / EventScheduler.MILLI;
            tail.addLast(String.format("%4d.%03d %-5s %s", millis / 1000, millis % 1000, who, what));
            if (tail.size() > limit) {
                tail.removeFirst();
            }
        }
    }

    List<String> lines() {
        return new ArrayList<>(tail);
    }

    long hash() {
        return hash;
    }
}
