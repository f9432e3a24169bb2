package io.matriarch.ha.adapter.system;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.MonotonicClock;
import java.time.Instant;

/** The machine's clocks. {@code System.nanoTime()} is {@code CLOCK_MONOTONIC} on Linux, the clock that the fence process reads too. */
public final class SystemClock implements MonotonicClock {
    @Override
    public MonotonicTime now() {
        return new MonotonicTime(System.nanoTime());
    }

    @Override
    public Instant wallClock() {
        return Instant.now();
    }
}
