package io.matriarch.ha.config;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/**
 * Section {@code matriarch}: what only Matriarch knows.
 *
 * @param roles what this machine does
 * @param management where MicroProfile Health and the server's management listen
 * @param fenceMargin how long before the end of the lease the fence stops PostgreSQL; empty: a fifth of the ttl
 * @param backup what a manager backs up
 */
public record MatriarchConfig(Set<Role> roles, HostPort management, Optional<Duration> fenceMargin, Backup backup) {

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
     * @param repository directory for the backups; empty: one in the state directory
     * @param schedule five cron fields
     * @param zone in which the schedule is meant
     * @param keep how many verified base backups are kept
     * @param format how they are stored: {@code zstd}, {@code lz4}, {@code gzip}, {@code none} or {@code tar.gz}
     * @param verify restore each one in a sandbox before it counts
     * @param wal receive the cluster's WAL into the repository
     * @param walTimeoutSeconds after this time a segment with a transaction in it is ended, so that it can be stored
     */
    public record Backup(
            Optional<Path> repository,
            String schedule,
            ZoneId zone,
            int keep,
            String format,
            boolean verify,
            boolean wal,
            int walTimeoutSeconds) {}
}
