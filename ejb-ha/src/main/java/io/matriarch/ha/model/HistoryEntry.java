package io.matriarch.ha.model;

import java.util.Optional;

/**
 * One row of the cluster's {@code history}: the timeline that ended, and where.
 *
 * @param timeline the timeline that ended
 * @param switchLsn where the next one begins
 * @param reason PostgreSQL's own words in the history file
 * @param at ISO-8601 wall-clock time, for people
 * @param newLeader who led the next timeline
 */
public record HistoryEntry(
        Timeline timeline, Lsn switchLsn, String reason, Optional<String> at, Optional<MemberName> newLeader) {}
