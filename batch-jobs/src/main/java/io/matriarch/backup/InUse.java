package io.matriarch.backup;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Backups that a job of this server reads now: they are not deleted under its hands. */
@ApplicationScoped
public class InUse {
    /** With how many jobs read it. */
    private final Map<String, Integer> readers = new ConcurrentHashMap<>();

    /** From now on the backup is in use; for as long as the answer is not closed. */
    public Use begin(String label) {
        readers.merge(label, 1, Integer::sum);
        var open = new AtomicBoolean(true);
        return () -> {
            if (open.getAndSet(false)) {
                readers.computeIfPresent(label, (l, n) -> n > 1 ? n - 1 : null);
            }
        };
    }

    /** Labels of all of them. */
    public Set<String> labels() {
        return Set.copyOf(readers.keySet());
    }

    /** To be closed when the job needs the backup no longer. */
    @FunctionalInterface
    public interface Use extends AutoCloseable {
        @Override
        void close();
    }
}
