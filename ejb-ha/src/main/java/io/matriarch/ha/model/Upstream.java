package io.matriarch.ha.model;

import java.util.Optional;

/**
 * Where a replica streams from.
 *
 * @param member whose PostgreSQL it is; empty when only archive recovery is wanted
 * @param host address to connect to
 * @param port its port
 * @param slotName the physical slot to use, if slots are used
 */
public record Upstream(Optional<MemberName> member, String host, int port, Optional<String> slotName) {
    public static final Upstream NONE = new Upstream(Optional.empty(), "", 0, Optional.empty());

    public boolean isNone() {
        return host.isEmpty();
    }
}
