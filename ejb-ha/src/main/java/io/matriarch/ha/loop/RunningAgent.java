package io.matriarch.ha.loop;

import io.matriarch.ha.config.MemberConfig;
import org.jboss.logging.Logger;

/**
 * What commands may use of a running agent: they write to the DCS, put a request into the inbox and wake the loop; they never decide.
 *
 * @param live looks at PostgreSQL right now, for a peer that must know how much WAL is here before it is elected
 */
public record RunningAgent(
        MemberConfig config, Identity identity, Ports ports, Inbox inbox, WakeUps wakeUps, LiveLook live) {
    private static final Logger LOG = Logger.getLogger("io.matriarch");

    /** Reads the member's file again and wakes the loop; gives why nothing of it was taken, empty when it holds now. Blocks for reading. */
    public String reload() {
        String refused = config.reload();
        if (refused.isEmpty()) {
            LOG.info("[reloaded] the member's configuration was read again");
        } else {
            LOG.errorf("[reload-refused] %s", refused);
        }
        wakeUps.wake("reload asked for");
        return refused;
    }
}
