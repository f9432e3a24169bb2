package io.matriarch.ha.port;

import io.matriarch.ha.model.MonotonicTime;
import java.time.Instant;

/** The only source of time. */
public interface MonotonicClock {
    MonotonicTime now();

    /** Wall-clock time, for people and for schedules that people set. */
    Instant wallClock();
}
