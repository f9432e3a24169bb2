package io.matriarch.ha.api;

import io.matriarch.ha.model.MemberName;
import java.util.Optional;

/**
 * Who shall hand over to whom, as asked for.
 *
 * @param planned a switchover, which needs a leader; else a failover, which needs a candidate
 * @param leader who shall hand over
 * @param candidate who shall take over
 * @param scheduledAt not before then, as written
 */
public record SwitchoverRequest(
        boolean planned, Optional<MemberName> leader, Optional<MemberName> candidate, Optional<String> scheduledAt) {

    String action() {
        return planned ? "switchover" : "failover";
    }
}
