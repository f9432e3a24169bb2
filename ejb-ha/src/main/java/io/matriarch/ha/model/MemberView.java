package io.matriarch.ha.model;

import java.util.Optional;

/**
 * A member as its key shows it.
 *
 * @param lease the lease that the key hangs on; the key vanishes with it
 * @param modRevision the revision of its last change
 */
public record MemberView(MemberName name, MemberReport report, Optional<LeaseId> lease, Revision modRevision) {}
