package io.matriarch.ha.model;

import java.util.Optional;

/**
 * The {@code initialize} key.
 *
 * @param systemIdentifier empty while somebody bootstraps (value "")
 */
public record InitializeKey(Optional<SystemIdentifier> systemIdentifier, Revision modRevision) {}
