package io.matriarch.backup;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Backups that a job of this server reads now: they are not deleted under its hands. */
@ApplicationScoped
public class InUse {
    private final Set<String> labels = ConcurrentHashMap.newKeySet();

    /** From now on the backup is in use; for as long as the answer is not closed. */
    public Use begin(String label) {
        labels.add(label);
        return () -> labels.remove(label);
    }

    /** Labels of all of them. */
    public Set<String> labels() {
        return Set.copyOf(labels);
    }

    /** To be closed when the job needs the backup no longer. */
    @FunctionalInterface
    public interface Use extends AutoCloseable {
        @Override
        void close();
    }
}
