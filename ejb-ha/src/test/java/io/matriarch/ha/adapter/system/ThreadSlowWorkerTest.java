package io.matriarch.ha.adapter.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PostgresException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThreadSlowWorkerTest {
    private final AtomicLong nanos = new AtomicLong();
    private final MonotonicClock clock = new MonotonicClock() {
        @Override
        public MonotonicTime now() {
            return new MonotonicTime(nanos.get());
        }

        @Override
        public Instant wallClock() {
            return Instant.EPOCH;
        }
    };
    private final Semaphore ended = new Semaphore(0);

    @Test
    void oneJobAtATimeUntilItsEndWasSeen() throws Exception {
        try (var worker = new ThreadSlowWorker(clock, ended::release)) {
            var go = new CountDownLatch(1);
            assertThat(worker.start(JobKind.CLONE, p -> go.await())).isTrue();
            assertThat(worker.start(JobKind.REWIND, p -> {})).isFalse();
            assertThat(worker.view()).get().matches(JobView::isRunning);
            go.countDown();
            awaitEnd();
            assertThat(worker.view().flatMap(JobView::result)).contains(Outcome.DONE);
            assertThat(worker.start(JobKind.REWIND, p -> {})).isFalse();
            worker.take();
            assertThat(worker.view()).isEmpty();
            assertThat(worker.start(JobKind.REWIND, p -> {})).isTrue();
            awaitEnd();
        }
    }

    @Test
    void cancelInterruptsAndTheJobFails() throws Exception {
        try (var worker = new ThreadSlowWorker(clock, ended::release)) {
            worker.start(JobKind.CLONE, p -> new CountDownLatch(1).await());
            worker.cancel();
            awaitEnd();
            assertThat(worker.view().flatMap(JobView::result)).contains(new Outcome.Failed("cancelled"));
        }
    }

    @Test
    void exceptionsBecomeTheOutcome() throws Exception {
        try (var worker = new ThreadSlowWorker(clock, ended::release)) {
            worker.start(JobKind.REWIND, p -> {
                throw new PostgresException("no such leader");
            });
            awaitEnd();
            assertThat(worker.view().flatMap(JobView::result)).contains(new Outcome.Failed("no such leader"));
            worker.take();
            worker.start(JobKind.REWIND, p -> {
                throw new IllegalStateException("a fault");
            });
            awaitEnd();
            assertThat(worker.view().flatMap(JobView::result)).get().asString().contains("a fault");
        }
    }

    @Test
    void takeDoesNotForgetARunningJob() throws Exception {
        try (var worker = new ThreadSlowWorker(clock, ended::release)) {
            var go = new CountDownLatch(1);
            worker.start(JobKind.CLONE, p -> go.await());
            worker.take();
            assertThat(worker.view()).isPresent();
            go.countDown();
            awaitEnd();
        }
    }

    @Test
    void progressSpeaksOfRateAndRemainingTime() {
        var progress = new JobProgress(clock);
        assertThat(progress.text(Duration.ofSeconds(3))).isEqualTo("starting, running for 3 s");
        progress.report("copying the data", 0, Optional.of(400L << 20));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        progress.report("copying the data", 100L << 20, Optional.of(400L << 20));
        assertThat(progress.text(Duration.ofSeconds(61)))
                .isEqualTo(
                        "copying the data: 100.0 MiB of 400.0 MiB (25 %), 100.0 MiB/s, about 4 s left, running for 1 min 1 s");
    }

    private void awaitEnd() throws InterruptedException {
        assertThat(ended.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }
}
