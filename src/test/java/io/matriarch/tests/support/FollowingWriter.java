package io.matriarch.tests.support;

import java.sql.SQLException;
import java.util.List;

/** What an application with several hosts and {@code target_session_attrs=read-write} is: it follows the primary. */
public final class FollowingWriter extends AckWriter {
    private final List<Endpoint> endpoints;
    private int next;

    FollowingWriter(List<Endpoint> endpoints) {
        super("follows the primary");
        this.endpoints = List.copyOf(endpoints);
    }

    @Override
    Session connect() throws SQLException {
        Endpoint endpoint = endpoints.get(next);
        next = (next + 1) % endpoints.size();
        return Session.open(endpoint, 3);
    }

    @Override
    boolean goOnAfterTrouble() {
        return true;
    }

    @Override
    boolean keepSessionOfReplica() {
        return false;
    }
}
