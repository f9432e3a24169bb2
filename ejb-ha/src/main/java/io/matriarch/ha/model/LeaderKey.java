package io.matriarch.ha.model;

import java.util.Optional;

/**
 * The {@code leader} key as read.
 *
 * @param holder its value
 * @param lease empty when a foreign writer put it without one (it then never expires)
 */
public record LeaderKey(MemberName holder, Optional<LeaseId> lease, Revision createRevision, Revision modRevision) {}
