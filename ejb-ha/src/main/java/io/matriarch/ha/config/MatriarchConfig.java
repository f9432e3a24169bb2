package io.matriarch.ha.config;

import io.matriarch.ha.model.BackupPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Section {@code matriarch}: what only Matriarch knows.
 *
 * @param roles what this machine does
 * @param management where MicroProfile Health and the server's management listen
 * @param fenceMargin how long before the end of the lease the fence stops PostgreSQL; empty: a fifth of the ttl
 * @param backup what a manager backs up
 * @param jobs where a manager keeps the records of its jobs; empty: in a file of its own
 */
public record MatriarchConfig(
        Set<Role> roles,
        HostPort management,
        Optional<Duration> fenceMargin,
        Backup backup,
        Optional<JobStoreConfig> jobs) {

    public MatriarchConfig {
        roles = Set.copyOf(roles);
    }

    /** What a machine does. */
    public enum Role {
        NODE,
        MANAGER
    }

    /**
     * Section {@code matriarch.backup}.
     *
     * @param repository directory for the backups; empty: one in the state directory, or an object store
     * @param store object store for the backups, instead of a directory
     * @param encryption of what is in the repository; empty: it is stored as it is
     * @param policy what holds where the dynamic configuration says nothing
     * @param wal receive the cluster's WAL into the repository
     * @param walTimeoutSeconds after this time a segment with a transaction in it is ended, so that it can be stored
     * @param webhook who is told when a promise is broken or kept again
     */
    public record Backup(
            Optional<Path> repository,
            Optional<StoreConfig> store,
            Optional<EncryptionConfig> encryption,
            BackupPolicy policy,
            boolean wal,
            int walTimeoutSeconds,
            Optional<WebhookConfig> webhook) {}
}
