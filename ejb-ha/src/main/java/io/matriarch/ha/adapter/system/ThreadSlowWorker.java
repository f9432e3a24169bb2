package io.matriarch.ha.adapter.system;

import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.SlowWorker;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Runs each job on a thread of its own, one at a time. Thread safe. */
public final class ThreadSlowWorker implements SlowWorker, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ThreadSlowWorker.class);
    private static final long CLOSE_WAIT_MS = 10_000;

    private final MonotonicClock clock;
    private final Runnable onEnd;
    private Optional<Running> current = Optional.empty();

    /** @param onEnd called on the job's thread when a job has ended and {@link #view} shows it; only enqueues */
    public ThreadSlowWorker(MonotonicClock clock, Runnable onEnd) {
        this.clock = clock;
        this.onEnd = onEnd;
    }

    private static final class Running {
        private final JobProgress progress;
        private final Thread thread;
        private JobView view;

        Running(JobView view, JobProgress progress, Thread thread) {
            this.view = view;
            this.progress = progress;
            this.thread = thread;
        }
    }

    @Override
    public boolean start(JobKind kind, Job job) {
        Thread thread;
        synchronized (this) {
            if (current.isPresent()) {
                return false;
            }
            var progress = new JobProgress(clock);
            thread = Thread.ofPlatform()
                    .daemon()
                    .name("matriarch-job-" + kind.name().toLowerCase(java.util.Locale.ROOT))
                    .unstarted(() -> run(kind, job, progress));
            var view = new JobView(kind, clock.now(), Optional.empty(), 0, Optional.empty());
            current = Optional.of(new Running(view, progress, thread));
        }
        thread.start();
        return true;
    }

    private void run(JobKind kind, Job job, JobProgress progress) {
        Outcome outcome = new Outcome.Failed(kind + " ended without a result");
        try {
            outcome = outcomeOf(kind, job, progress);
        } finally {
            finish(outcome);
            onEnd.run();
        }
    }

    private static Outcome outcomeOf(JobKind kind, Job job, JobProgress progress) {
        try {
            job.run(progress);
            return Outcome.DONE;
        } catch (PostgresException e) {
            LOG.warnf(e, "job %s failed", kind);
            return new Outcome.Failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            // The thread ends with the job: there is nobody to keep the flag for.
            return new Outcome.Failed("cancelled");
        } catch (RuntimeException e) {
            LOG.errorf(e, "job %s met a fault of its own", kind);
            return new Outcome.Failed(e.toString());
        }
    }

    private synchronized void finish(Outcome outcome) {
        current.ifPresent(running -> running.view = new JobView(
                running.view.kind(),
                running.view.startedAt(),
                Optional.of(outcome),
                running.progress.bytesDone(),
                running.progress.bytesTotal()));
    }

    @Override
    public synchronized Optional<JobView> view() {
        return current.map(running -> running.view.isRunning()
                ? new JobView(
                        running.view.kind(),
                        running.view.startedAt(),
                        Optional.empty(),
                        running.progress.bytesDone(),
                        running.progress.bytesTotal())
                : running.view);
    }

    @Override
    public synchronized Optional<String> progressText() {
        return current.filter(running -> running.view.isRunning())
                .map(running -> running.progress.text(clock.now().since(running.view.startedAt())));
    }

    @Override
    public synchronized void take() {
        current = current.filter(running -> running.view.isRunning());
    }

    @Override
    public synchronized void cancel() {
        current.filter(running -> running.view.isRunning()).ifPresent(running -> running.thread.interrupt());
    }

    /** Cancels the running job and waits for its end, bounded. */
    @Override
    public void close() {
        cancel();
        Optional<Thread> thread;
        synchronized (this) {
            thread = current.map(running -> running.thread);
        }
        try {
            if (thread.isPresent()) {
                thread.get().join(CLOSE_WAIT_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
