package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.MILLI;

import java.util.SplittableRandom;

/** What draws faults from a stream of its own: how it tells of them, times them and ends them. */
abstract class FaultSource {
    final SimWorld world;
    final SplittableRandom random;

    FaultSource(SimWorld world, SplittableRandom random) {
        this.world = world;
        this.random = random;
    }

    final void fault(String what) {
        world.trace("fault", what);
    }

    final long millis(long from, long to) {
        return random.nextLong(from, to) * MILLI;
    }

    final void later(long delay, Runnable end) {
        world.scheduler().after(delay, end);
    }
}
