package io.matriarch.ha.model;

import java.util.Optional;

/**
 * The {@code initialize} key.
 *
 * @param systemIdentifier empty while somebody bootstraps (value "")
 * @param lease whose claim it is while somebody bootstraps; a published identifier hangs on no lease
 */
public record InitializeKey(
        Optional<SystemIdentifier> systemIdentifier, Optional<LeaseId> lease, Revision modRevision) {}
