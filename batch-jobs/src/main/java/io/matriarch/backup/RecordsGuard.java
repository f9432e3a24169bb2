package io.matriarch.backup;

import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.util.Optional;

/** Whether the records of jobs lie in the managed cluster itself: then no job is started. Proven once; blocks while it asks. */
final class RecordsGuard {
    private final Question records;
    private final Question cluster;
    private volatile boolean proven;

    /** Which system something is. */
    @FunctionalInterface
    interface Question {
        Optional<SystemIdentifier> ask() throws IOException;
    }

    /**
     * @param records that of the database with the records; empty when they are in a file
     * @param cluster that of the managed cluster; empty before it was founded
     */
    RecordsGuard(Question records, Question cluster) {
        this.records = records;
        this.cluster = cluster;
    }

    /** Why no job may start; empty when one may. */
    Optional<String> objection() {
        if (proven) {
            return Optional.empty();
        }
        try {
            var keeper = records.ask();
            var managed = keeper.isEmpty() ? keeper : cluster.ask();
            if (keeper.isPresent() && managed.isEmpty()) {
                return Optional.of("it is not known yet which system the cluster is, so that the PostgreSQL with the"
                        + " records of jobs could be a member of it");
            }
            if (keeper.isPresent() && keeper.equals(managed)) {
                return Optional.of("matriarch.jobs.repository is the managed cluster itself (system " + keeper.get()
                        + "): name a PostgreSQL outside of it, and start the manager again");
            }
            proven = true;
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("whether the records of jobs lie outside of the managed cluster cannot be known: "
                    + e.getMessage());
        }
    }
}
