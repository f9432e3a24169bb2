package io.matriarch.tests.support;

import java.sql.SQLException;

/**
 * Opens one session on one member and goes on writing through it as long as it lives, whatever happens around: the
 * session that
 * a fence has to end.
 */
public final class PinnedWriter extends AckWriter {
    private final Endpoint endpoint;

    PinnedWriter(Endpoint endpoint) {
        super("pinned to " + endpoint.member());
        this.endpoint = endpoint;
    }

    @Override
    Session connect() throws SQLException {
        return Session.open(endpoint, 0);
    }

    @Override
    boolean goOnAfterTrouble() {
        return false;
    }

    @Override
    boolean keepSessionOfReplica() {
        return true;
    }
}
