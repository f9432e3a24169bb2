package io.matriarch.ha.config;

import java.util.List;
import java.util.Optional;

/**
 * The cluster follows a primary outside of it.
 *
 * @param hosts remote primary, several if it may be any of them; empty: from the archive alone
 * @param port its port
 * @param primarySlotName slot to use there
 * @param restoreCommand fetches WAL from an archive
 * @param archiveCleanupCommand as in PostgreSQL
 * @param recoveryMinApplyDelay as in PostgreSQL
 * @param createReplicaMethods in the order in which they are tried for the standby leader
 */
public record StandbyCluster(
        List<String> hosts,
        Optional<Integer> port,
        Optional<String> primarySlotName,
        Optional<String> restoreCommand,
        Optional<String> archiveCleanupCommand,
        Optional<String> recoveryMinApplyDelay,
        List<String> createReplicaMethods) {

    public StandbyCluster {
        hosts = List.copyOf(hosts);
        createReplicaMethods = List.copyOf(createReplicaMethods);
    }
}
