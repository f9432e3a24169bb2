package io.matriarch.backup.node;

import io.matriarch.backup.repository.Repository;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.api.BackupFacts.NodeSide;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.util.Map;

/**
 * A kind of work that a manager can have a node do. It must be possible to ask for the same work again whenever it was interrupted: what was done
 * is found, not done twice.
 */
public interface NodeWork {

    /** Its name in a command. */
    String kind();

    /**
     * Does it; blocks until then.
     *
     * @param order what exactly, as the manager's half wrote it
     * @return for the manager's half
     * @throws IOException if it could not be done now: the manager may ask again
     */
    Map<String, Object> run(JsonObject order, Means means) throws IOException;

    /**
     * With what.
     *
     * @param repository the manager's, to be read only
     * @param halt ends it early
     */
    record Means(NodeSide node, Repository repository, Halt halt, Telling telling) {}

    /** Where progress goes. */
    interface Telling {
        /** Something without a measure is being done. */
        void says(String doing);

        /** Bytes that are done. */
        void at(String doing, long bytes, long total);

        /** From now on a backup is read: the manager must not let it go. */
        void reads(String label);
    }
}
