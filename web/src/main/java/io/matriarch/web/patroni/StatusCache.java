package io.matriarch.web.patroni;

import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeStatus;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The newest status with its document, rendered once when it is published: a probe then only judges a few fields and sends bytes. One
 * writer, any number of readers; nobody blocks.
 */
final class StatusCache {
    private static final byte[] BOOTING = bytes(StatusDocument.booting());

    private volatile Optional<Entry> newest = Optional.empty();
    private volatile int fenceProofs;

    /** A status, what is judged of it, and its document while it is fresh. */
    record Entry(NodeStatus status, HealthFacts facts, byte[] document) {}

    /** Takes a new status; called on the loop's thread. */
    void take(NodeStatus status) {
        boolean anotherProof = status.fenceProof().isPresent()
                && newest.map(Entry::status).filter(s -> s.fenceProof().equals(status.fenceProof())).isEmpty();
        if (anotherProof) {
            countProof();
        }
        newest = Optional.of(new Entry(status, HealthFacts.of(status), bytes(StatusDocument.render(status, false))));
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

    /** The document to send now. A status that nobody renewed for a ttl says nothing about PostgreSQL any more. */
    byte[] document(MonotonicTime now) {
        Optional<Entry> entry = newest;
        if (entry.isEmpty()) {
            return BOOTING;
        }
        return now.isBefore(entry.get().facts().staleAt())
                ? entry.get().document()
                : bytes(StatusDocument.render(entry.get().status(), true));
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
