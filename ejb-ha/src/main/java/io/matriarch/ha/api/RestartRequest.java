package io.matriarch.ha.api;

import java.time.Duration;
import java.util.Optional;

/**
 * When PostgreSQL shall be restarted.
 *
 * @param role only if this member has that role: {@code primary}, {@code standby_leader} or {@code replica}
 * @param olderThan only if the running PostgreSQL is older than this version number (as {@code server_version_num})
 * @param onlyIfPending only if a changed setting waits for a restart
 * @param timeout how long the start may take; empty = the cluster's {@code primary_start_timeout}
 */
public record RestartRequest(
        Optional<String> role, Optional<Integer> olderThan, boolean onlyIfPending, Optional<Duration> timeout) {}
