package io.matriarch.ha.adapter.system;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PostgresControl;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Optional;

/** How far a job is, and in words with rate and remaining time. The rate is that of the last seconds. Thread safe. */
final class JobProgress implements PostgresControl.Progress {
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final int MAX_SAMPLES = 200;
    private static final long KIB = 1024;

    private final MonotonicClock clock;
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private String step = "starting";
    private long done;
    private Optional<Long> total = Optional.empty();

    private record Sample(MonotonicTime at, long bytes) {}

    JobProgress(MonotonicClock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void report(String newStep, long bytesDone, Optional<Long> bytesTotal) {
        var now = clock.now();
        if (!newStep.equals(step) || bytesDone < done) {
            samples.clear();
        }
        step = newStep;
        done = bytesDone;
        total = bytesTotal;
        samples.addLast(new Sample(now, bytesDone));
        while (samples.size() > MAX_SAMPLES
                || now.since(samples.getFirst().at()).compareTo(WINDOW) > 0) {
            samples.removeFirst();
        }
    }

    synchronized long bytesDone() {
        return done;
    }

    synchronized Optional<Long> bytesTotal() {
        return total;
    }

    /** For example {@code copying the data: 1.2 GiB of 3.4 GiB (35 %), 120.0 MiB/s, about 19 s left}. */
    synchronized String text(Duration running) {
        var out = new StringBuilder(step);
        if (done > 0 || total.isPresent()) {
            out.append(": ").append(size(done));
            total.filter(t -> t > 0)
                    .ifPresent(t -> out.append(" of ")
                            .append(size(t))
                            .append(" (")
                            .append(Math.min(100, done * 100 / t))
                            .append(" %)"));
        }
        long perSecond = bytesPerSecond();
        if (perSecond > 0) {
            out.append(", ").append(size(perSecond)).append("/s");
            total.filter(t -> t > done)
                    .ifPresent(t -> out.append(", about ")
                            .append(time(Duration.ofSeconds((t - done) / perSecond + 1)))
                            .append(" left"));
        }
        return out.append(", running for ").append(time(running)).toString();
    }

    private long bytesPerSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        var first = samples.getFirst();
        var last = samples.getLast();
        long millis = last.at().since(first.at()).toMillis();
        return millis < 100 ? 0 : (last.bytes() - first.bytes()) * 1000 / millis;
    }

    private static String size(long bytes) {
        if (bytes < KIB) {
            return bytes + " B";
        }
        double value = bytes;
        String unit = "B";
        for (String next : new String[] {"KiB", "MiB", "GiB", "TiB"}) {
            if (value < KIB) {
                break;
            }
            value /= KIB;
            unit = next;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, unit);
    }

    private static String time(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }
}
