package io.matriarch.ha.loop;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PostgresProbe;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks at PostgreSQL for others than the loop. The published status may be as old as a cycle is long, and an election that went by a
 * position of a second ago could take a replica for the best that is not: acknowledged commits would be lost. Callers that wait at the
 * same time share the looks, and each gets one that began after it had asked.
 */
public final class LiveLook implements AutoCloseable {
    /** Peers wait for 800 ms at most; a look that is stuck is given up after twice its bound. */
    private static final Duration BOUND = Duration.ofMillis(300);

    private final PostgresProbe probe;
    private final MonotonicClock clock;
    private Optional<Look> last = Optional.empty();

    private record Look(MonotonicTime began, PostgresProbe.Facts facts) {}

    LiveLook(PostgresProbe probe, MonotonicClock clock) {
        this.probe = probe;
        this.clock = clock;
    }

    /** What PostgreSQL says now. Blocks for at most 600 ms, and behind one other look at most. */
    public PostgresProbe.Facts now() {
        var asked = clock.now();
        synchronized (this) {
            var shared = last.filter(look -> look.began().isAtOrAfter(asked));
            if (shared.isPresent()) {
                return shared.get().facts();
            }
            var began = clock.now();
            var facts = probe.look(BOUND);
            last = Optional.of(new Look(began, facts));
            return facts;
        }
    }

    @Override
    public void close() {
        probe.close();
    }
}
