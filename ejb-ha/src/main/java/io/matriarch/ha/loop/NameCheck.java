package io.matriarch.ha.loop;

import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.port.DcsUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Two agents of one name would overwrite each other's member key and fight over one slot. So before an agent touches anything, it looks
 * whether somebody of its name lives elsewhere.
 */
final class NameCheck {
    private static final Duration BOUND = Duration.ofSeconds(3);

    private NameCheck() {}

    /**
     * Blocks for a few seconds at most.
     *
     * @param inherited the lease of the agent that ran here before: its member key is ours
     * @return what to tell the operator, if the name is taken; empty also when the DCS cannot be read (the loop goes on from there)
     */
    static Optional<String> taken(Identity identity, Ports ports, Optional<LeaseId> inherited) {
        try {
            var member = ports.dcs().read().member(identity.self());
            if (member.isEmpty()
                    || member.get().report().apiUrl().equals(identity.apiUrl())
                    || (inherited.isPresent() && member.get().lease().equals(inherited))) {
                return Optional.empty();
            }
            var url = member.get().report().apiUrl();
            var answer = ports.peers().ask(Map.of(identity.self(), url), BOUND).get(identity.self());
            return answer != null && answer.answered()
                    ? Optional.of("another agent named " + identity.self() + " of cluster " + identity.scope()
                            + " answers at " + url + "; give this one another name, or stop that one")
                    : Optional.empty();
        } catch (DcsUnavailableException e) {
            return Optional.empty();
        }
    }
}
