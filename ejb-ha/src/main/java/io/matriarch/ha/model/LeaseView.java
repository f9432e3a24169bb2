package io.matriarch.ha.model;

/**
 * This agent's lease as the keep-alive thread sees it.
 *
 * @param renewedAt when the last successful keep-alive <em>request</em> was sent
 * @param safeUntil {@code renewedAt + ttl - margin}: until then nobody else can hold the leader key
 */
public record LeaseView(LeaseId id, MonotonicTime renewedAt, MonotonicTime safeUntil) {}
