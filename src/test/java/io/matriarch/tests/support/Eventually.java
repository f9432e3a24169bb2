package io.matriarch.tests.support;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Waits for an event by looking again and again until a limit; never by sleeping and hoping. */
public final class Eventually {
    private static final Duration PAUSE = Duration.ofMillis(150);

    /** What one look found: the awaited value, or words that say what is still missing. */
    public record Look<T>(Optional<T> found, String missing) {
        /** The awaited value is there. */
        public static <T> Look<T> found(T value) {
            return new Look<>(Optional.of(value), "");
        }

        /** Not yet, and why: shown when the limit passes. */
        public static <T> Look<T> missing(String why) {
            return new Look<>(Optional.empty(), why);
        }

        /** The same look at something made of the found value. */
        public <R> Look<R> map(Function<T, R> change) {
            return new Look<>(found.map(change), missing);
        }
    }

    /** Looks once; an exception counts as "not yet". */
    @FunctionalInterface
    public interface Looker<T> {
        Look<T> look() throws Exception;
    }

    /** A plain yes or no. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    private Eventually() {}

    /**
     * Blocks until the look finds its value.
     *
     * @throws AssertionError when the limit passes; its message carries what was missing at the last look
     */
    public static <T> T find(String what, Duration limit, Looker<T> looker) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Look<T> look = lookOnce(looker);
            if (look.found().isPresent()) {
                return look.found().get();
            }
            if (System.nanoTime() >= deadline) {
                throw new AssertionError(
                        "Not within " + limit.toMillis() + " ms: " + what + ". Last seen: " + look.missing());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw new AssertionError("Interrupted while waiting for: " + what);
            }
        }
    }

    /** Blocks until the condition holds; see {@link #find}. */
    public static void holds(String what, Duration limit, Condition condition) {
        find(what, limit, () -> condition.holds() ? Look.found(true) : Look.missing("it does not hold"));
    }

    private static <T> Look<T> lookOnce(Looker<T> looker) {
        try {
            return looker.look();
        } catch (Exception e) {
            return Look.missing(e.toString());
        }
    }
}
