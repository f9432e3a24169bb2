package io.matriarch.ha.model;

import java.util.Optional;

/** What the DCS shows, or that it could not be read. */
public sealed interface DcsView {

    /** The view that may be used for everything that survives staleness: settings, addresses, names. */
    Optional<ClusterView> lastKnown();

    /** Read just now. */
    record Reachable(ClusterView cluster) implements DcsView {
        @Override
        public Optional<ClusterView> lastKnown() {
            return Optional.of(cluster);
        }
    }

    /**
     * No quorum answered within the bound.
     *
     * @param since when the first failing read of this outage was sent
     * @param reason what the client said, for people
     */
    record Lost(MonotonicTime since, String reason, Optional<ClusterView> lastKnown) implements DcsView {}
}
