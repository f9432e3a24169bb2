package io.matriarch.backup.pace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How long answers took: nine of ten took no longer. An answer that is still awaited counts with the time it has taken so far. Thread safe. */
final class Latencies {
    private static final double SHARE = 0.9;

    /** One that was asked just now says nothing yet. */
    private static final Duration AWAITED = Duration.ofMillis(50);

    private final List<Long> nanos = new ArrayList<>();
    private Optional<Long> askedAt = Optional.empty();

    synchronized void asked(long nowNanos) {
        askedAt = Optional.of(nowNanos);
    }

    synchronized void answered(long nowNanos) {
        askedAt.ifPresent(at -> nanos.add(nowNanos - at));
        askedAt = Optional.empty();
    }

    /** Nobody answered: what was known counts no more. */
    synchronized void failed() {
        nanos.clear();
        askedAt = Optional.empty();
    }

    /** Of all since the last call; empty when there was none and none is awaited. */
    synchronized Optional<Duration> take(long nowNanos) {
        var all = new ArrayList<>(nanos);
        nanos.clear();
        askedAt.map(at -> nowNanos - at)
                .filter(awaited -> awaited > AWAITED.toNanos())
                .filter(awaited -> all.stream().allMatch(known -> known < awaited))
                .ifPresent(all::add);
        if (all.isEmpty()) {
            return Optional.empty();
        }
        all.sort(Long::compare);
        return Optional.of(Duration.ofNanos(all.get((int) Math.ceil(all.size() * SHARE) - 1)));
    }
}
