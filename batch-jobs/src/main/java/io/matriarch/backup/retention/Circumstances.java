package io.matriarch.backup.retention;

import java.time.Instant;
import java.util.Optional;

/**
 * What else decides whether anything may be deleted at all.
 *
 * @param now by the manager's clock
 * @param lineage the history that the cluster writes now
 * @param lockHeld this manager holds the cluster's lock with a fresh token
 * @param lastRunAt when retention last ran, by the same clock; empty when it never did
 * @param disagreement how catalogue and storage differ, if they do
 */
public record Circumstances(
        Instant now, String lineage, boolean lockHeld, Optional<Instant> lastRunAt, Optional<String> disagreement) {}
