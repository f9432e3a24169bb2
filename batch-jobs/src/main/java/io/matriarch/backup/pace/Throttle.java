package io.matriarch.backup.pace;

import io.matriarch.backup.pace.Governor.Reading;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** Slows a copy while it makes the primary answer late. One for each copy. */
public final class Throttle {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    /** Between two commits of the probe: often enough for a decision each second, too seldom to burden anybody. */
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration AGAIN_AT_MOST = Duration.ofSeconds(64);
    private static final double NANOS = 1e9;

    private final Governor governor;
    private final Limits limits;
    private final Sessions primary;
    private final Latencies latencies = new Latencies();
    private volatile Optional<Pace> pace = Optional.empty();

    /** Opens a session on the primary that is used for nothing else; its socket must not block for ever. */
    @FunctionalInterface
    public interface Sessions {
        Connection open() throws SQLException;
    }

    public Throttle(Limits limits, Sessions primary) {
        this.limits = limits;
        this.governor = new Governor(limits);
        this.primary = primary;
    }

    /** What slows the copy now, for people; empty while nothing does. */
    public Optional<String> words() {
        return pace.flatMap(Pace::words);
    }

    /**
     * Looks for two seconds how the primary answers without a copy, then opens the way for one.
     *
     * @param host of the server that will be copied
     */
    public Way open(String host, int port) throws IOException {
        var limit = new RateLimit(limits.floor(), System.nanoTime());
        var way = new Way(new Relay(host, port, limit), limit);
        way.begin();
        return way;
    }

    /** The way of one copy. Closing it ends the sessions on it. */
    public final class Way implements AutoCloseable {
        private final Relay relay;
        private final RateLimit limit;
        private volatile boolean open = true;

        private Way(Relay relay, RateLimit limit) {
            this.relay = relay;
            this.limit = limit;
        }

        /** Where the server is reached, on 127.0.0.1. */
        public int port() {
            return relay.port();
        }

        private void begin() {
            Thread.ofVirtual().name("backup probe").start(this::probe);
            LockSupport.parkNanos(BEFORE.toNanos());
            var first = governor.begin(latencies.take(System.nanoTime()));
            pace = Optional.of(first);
            Thread.ofVirtual().name("backup governor").start(() -> govern(first));
        }

        private void govern(Pace first) {
            var now = first;
            long bytes = relay.passed();
            long at = System.nanoTime();
            while (open) {
                LockSupport.parkNanos(PERIOD.toNanos());
                long passed = relay.passed();
                long time = System.nanoTime();
                var reading = new Reading(latencies.take(time), (long) ((passed - bytes) / ((time - at) / NANOS)));
                var next = governor.next(now, reading);
                limit.set(next.bytesPerSecond());
                if (now.words().isEmpty()) {
                    next.words().ifPresent(words -> LOG.infof("[backup-slowed] the copy is %s", words));
                }
                pace = Optional.of(next);
                now = next;
                bytes = passed;
                at = time;
            }
        }

        private void probe() {
            var again = AGAIN;
            while (open) {
                try (var session = new PrimaryProbe(primary.open())) {
                    session.commit();
                    while (open) {
                        latencies.asked(System.nanoTime());
                        session.commit();
                        latencies.answered(System.nanoTime());
                        again = AGAIN;
                        LockSupport.parkNanos(INTERVAL.toNanos());
                    }
                } catch (SQLException e) {
                    latencies.failed();
                    LOG.debugf("the primary cannot be asked how it answers: %s", e.getMessage());
                    LockSupport.parkNanos(again.toNanos());
                    again = again.compareTo(AGAIN_AT_MOST) < 0 ? again.multipliedBy(2) : again;
                }
            }
        }

        @Override
        public void close() throws IOException {
            open = false;
            relay.close();
        }
    }
}
