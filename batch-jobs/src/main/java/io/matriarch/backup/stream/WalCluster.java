package io.matriarch.backup.stream;

import io.matriarch.backup.base.Source;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Whose WAL is received. Both questions block as long as the answer takes. */
public interface WalCluster {

    /**
     * Who leads now; empty when nobody does.
     *
     * @throws IOException when that cannot be known
     */
    Optional<Source> leader() throws IOException;

    /**
     * All members that can be asked for WAL, the leader among them.
     *
     * @throws IOException when that cannot be known
     */
    List<Source> members() throws IOException;
}
