package io.matriarch.ha.model;

/**
 * The {@code matriarch/unfenced} key: whose PostgreSQL may be a primary that nothing ends when its lease does. A pause takes the fence's
 * deadline away, so that it does not end what the operator does; who then loses its agent still serves. The key stands before the deadline
 * is taken away and is deleted by the same member when it guards again or its PostgreSQL is no primary.
 */
public record UnfencedPrimary(MemberName name, Revision modRevision) {}
