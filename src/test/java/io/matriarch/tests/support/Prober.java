package io.matriarch.tests.support;

import java.sql.SQLException;

/** Asks one member every few milliseconds: can you acknowledge a write? Connects anew whenever it must. */
public final class Prober extends AckWriter {
    private final Endpoint endpoint;

    Prober(Endpoint endpoint) {
        super("prober of " + endpoint.member());
        this.endpoint = endpoint;
    }

    @Override
    Session connect() throws SQLException {
        return Session.open(endpoint, 3);
    }

    @Override
    boolean goOnAfterTrouble() {
        return true;
    }

    @Override
    boolean keepSessionOfReplica() {
        return true;
    }
}
