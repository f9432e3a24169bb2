package io.matriarch.ha.model;

/**
 * Proof that {@code holder} owns the leader key: the licence that a promotion needs.
 *
 * @param lease the lease that the key hangs on
 * @param acquiredAt the revision at which the key was created; higher than that of every earlier leader (a fencing token)
 */
public record LeaderLease(MemberName holder, LeaseId lease, Revision acquiredAt) {}
