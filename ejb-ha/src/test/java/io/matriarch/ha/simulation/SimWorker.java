package io.matriarch.ha.simulation;

import io.matriarch.ha.model.JobKind;
import io.matriarch.ha.model.JobView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.port.PostgresException;
import io.matriarch.ha.port.SlowWorker;
import java.util.Optional;

/** The worker thread of one agent. */
final class SimWorker implements SlowWorker {
    private final SimProcess process;
    private Optional<Running> current = Optional.empty();

    SimWorker(SimProcess process) {
        this.process = process;
    }

    private static final class Running {
        private final JobKind kind;
        private final MonotonicTime startedAt;
        private Optional<Fiber> fiber = Optional.empty();
        private Optional<Outcome> result = Optional.empty();
        private long done;
        private Optional<Long> total = Optional.empty();

        private Running(JobKind kind, MonotonicTime startedAt) {
            this.kind = kind;
            this.startedAt = startedAt;
        }
    }

    @Override
    public boolean start(JobKind kind, Job job) {
        process.crashPoint();
        if (current.isPresent()) {
            return false;
        }
        var running = new Running(kind, process.clock().now());
        current = Optional.of(running);
        running.fiber = Optional.of(process.fiber("job", () -> run(running, job)));
        return true;
    }

    private void run(Running running, Job job) {
        try {
            job.run((step, done, total) -> {
                running.done = done;
                running.total = total;
            });
            running.result = Optional.of(Outcome.DONE);
        } catch (PostgresException e) {
            running.result = Optional.of(new Outcome.Failed(e.getMessage()));
        } catch (InterruptedException e) {
            running.result = Optional.of(new Outcome.Failed("cancelled"));
        }
        process.trace(running.kind + " ended: " + running.result.orElseThrow());
        process.wakeLoop();
    }

    @Override
    public Optional<JobView> view() {
        return current.map(r -> new JobView(r.kind, r.startedAt, r.result, r.done, r.total));
    }

    @Override
    public Optional<String> progressText() {
        return current.map(r -> r.kind + " " + r.done);
    }

    @Override
    public void take() {
        process.crashPoint();
        if (current.filter(r -> r.result.isPresent()).isPresent()) {
            current = Optional.empty();
        }
    }

    @Override
    public void cancel() {
        process.crashPoint();
        current.filter(r -> r.result.isEmpty()).flatMap(r -> r.fiber).ifPresent(Fiber::interrupt);
    }
}
