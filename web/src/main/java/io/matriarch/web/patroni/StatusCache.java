package io.matriarch.web.patroni;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The newest status with its document, rendered once when it is published: a probe then only judges a few fields and sends bytes. One
 * writer, any number of readers; nobody blocks.
 */
final class StatusCache {
    private static final byte[] BOOTING = bytes(StatusDocument.booting());

    private final LongSupplier nanoTime;
    private volatile Map<String, String> extraHeaders = Map.of();
    private volatile Optional<Entry> newest = Optional.empty();
    private volatile int fenceProofs;

    /** @param nanoTime this host's monotonic clock, by which the loop stamps a status */
    StatusCache(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    MonotonicTime now() {
        return new MonotonicTime(nanoTime.getAsLong());
    }

    /** Headers that the configuration adds to every answer with a body. */
    Map<String, String> extraHeaders() {
        return extraHeaders;
    }

    void extraHeaders(Map<String, String> headers) {
        extraHeaders = Map.copyOf(headers);
    }

    /** A status, what is judged of it, and its document while it is fresh. */
    record Entry(NodeStatus status, HealthFacts facts, byte[] document) {}

    /** Takes a new status; called on the loop's thread. */
    void take(NodeStatus status) {
        boolean anotherProof = status.fenceProof().isPresent()
                && newest.map(Entry::status)
                        .filter(s -> s.fenceProof().equals(status.fenceProof()))
                        .isEmpty();
        if (anotherProof) {
            countProof();
        }
        newest = Optional.of(new Entry(status, HealthFacts.of(status), bytes(StatusDocument.render(status))));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void countProof() {
        fenceProofs++;
    }

    Optional<Entry> newest() {
        return newest;
    }

    /** Different proofs of a fencing that this agent has seen since it started. */
    int fenceProofs() {
        return fenceProofs;
    }

    /** The status of a health check now; 503 before the first cycle. */
    int judged(Judge judge) {
        MonotonicTime now = now();
        return newest.map(entry -> judge.of(entry.facts(), now)).orElse(HealthTable.UNHEALTHY);
    }

    /** A question of the health table. */
    interface Judge {
        int of(HealthFacts facts, MonotonicTime now);
    }

    int health(String path, String query) {
        return judged(
                (facts, now) -> HealthTable.statusFor(HealthEndpoint.of(path), facts, HealthQuery.parse(query), now));
    }

    /** The document to send now. A status that nobody renewed for a ttl says nothing about PostgreSQL any more. */
    byte[] document() {
        MonotonicTime now = now();
        Optional<Entry> entry = newest;
        if (entry.isEmpty()) {
            return BOOTING;
        }
        return now.isBefore(entry.get().facts().staleAt())
                ? entry.get().document()
                : bytes(StatusDocument.renderStale(entry.get().status()));
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
