package io.matriarch.ha.adapter.peer;

import io.matriarch.ha.model.MemberName;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** One request to each of several members at once, all within one bound. */
final class ParallelCalls {
    private static final Logger LOG = Logger.getLogger(ParallelCalls.class);
    private static final long STACK_BYTES = 256 * 1024;

    private final PeerSettings settings;
    private final Duration bound;

    ParallelCalls(PeerSettings settings, Duration bound) {
        this.settings = settings;
        this.bound = bound;
    }

    /**
     * Blocks until all have answered or failed, or the bound has passed; what is under way then ends soon after by itself.
     *
     * @param body empty: a GET
     * @return the answers; whoever did not answer is missing
     */
    Map<MemberName, HttpAnswer> run(Map<MemberName, String> urls, Optional<String> body) {
        Map<MemberName, HttpAnswer> answers = new ConcurrentHashMap<>();
        Map<MemberName, HttpCall> calls = new HashMap<>();
        urls.forEach((name, url) -> call(url).ifPresent(call -> calls.put(name, call)));
        var open = new CountDownLatch(calls.size());
        calls.forEach((name, call) -> thread(name, () -> {
                    try {
                        answers.put(name, call.send(body));
                    } catch (IOException | RuntimeException e) {
                        LOG.debugf("No answer from %s: %s", name, e);
                    } finally {
                        open.countDown();
                    }
                })
                .start());
        await(open);
        return new TreeMap<>(answers);
    }

    private void await(CountDownLatch open) {
        try {
            if (!open.await(bound.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.debugf("%d members did not answer within %s", open.getCount(), bound);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<HttpCall> call(String url) {
        try {
            return Optional.of(new HttpCall(URI.create(url), settings, bound));
        } catch (IOException | IllegalArgumentException e) {
            LOG.debugf("A member cannot be asked at '%s': %s", url, e);
            return Optional.empty();
        }
    }

    private static Thread thread(MemberName name, Runnable work) {
        var thread = new Thread(null, work, "peer " + name, STACK_BYTES);
        thread.setDaemon(true);
        return thread;
    }
}
