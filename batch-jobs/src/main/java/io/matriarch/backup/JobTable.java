package io.matriarch.backup;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** How far the jobs of this server are. A job writes, whoever asks reads; nothing of it outlives the server. */
@ApplicationScoped
public class JobTable {
    private final Map<Long, Running> running = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    public JobTable() {
        this(System::nanoTime);
    }

    JobTable(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private record Running(long startedAt, Progress progress) {}

    /**
     * How far a job is.
     *
     * @param doing what it does now, in words
     * @param bytes done
     * @param total in bytes; empty while nobody knows
     * @param bytesPerSecond on average since it began
     * @param left until it is done, by that average
     */
    public record Progress(
            String doing, long bytes, Optional<Long> total, long bytesPerSecond, Optional<Duration> left) {}

    /** The execution does something without a measure. */
    public void says(long execution, String doing) {
        running.put(
                execution,
                new Running(nanoTime.getAsLong(), new Progress(doing, 0, Optional.empty(), 0, Optional.empty())));
    }

    /** The execution has done {@code bytes} of {@code total}. */
    public void at(long execution, String doing, long bytes, long total) {
        running.compute(execution, (id, before) -> {
            long since = before == null ? nanoTime.getAsLong() : before.startedAt();
            long rate = rate(bytes, nanoTime.getAsLong() - since);
            var left = rate > 0 && total >= bytes
                    ? Optional.of(Duration.ofSeconds((total - bytes) / rate))
                    : Optional.<Duration>empty();
            return new Running(since, new Progress(doing, bytes, Optional.of(total), rate, left));
        });
    }

    private static long rate(long bytes, long nanos) {
        double seconds = nanos / 1e9;
        return seconds < 0.001 ? 0 : (long) (bytes / seconds);
    }

    /** It is over. */
    public void ended(long execution) {
        running.remove(execution);
    }

    /** How far it is; empty when it does not run here. */
    public Optional<Progress> of(long execution) {
        return Optional.ofNullable(running.get(execution)).map(Running::progress);
    }
}
