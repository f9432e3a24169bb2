package io.matriarch.ha.loop;

import io.matriarch.ha.config.MemberConfig;
import io.matriarch.ha.config.MemberConfig.Reloaded;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Where the running agent is found by those who command it; empty while it boots or on a machine without the node role. */
@ApplicationScoped
public class AgentHolder {
    private static final Logger LOG = Logger.getLogger("io.matriarch");

    private volatile Optional<RunningAgent> agent = Optional.empty();

    private volatile Optional<ClusterStore> store = Optional.empty();

    private volatile Optional<MemberConfig> settings = Optional.empty();

    /** The configuration was read; an agent follows only on a node. */
    void configured(MemberConfig read) {
        settings = Optional.of(read);
    }

    /** This machine's configuration; empty on a server that was started without one. */
    public Optional<MemberConfig> settings() {
        return settings;
    }

    /** Reads the configuration again and wakes the loop; empty on a server that was started without one. Blocks for reading files. */
    public Optional<Reloaded> reload() {
        var reloaded = settings.map(MemberConfig::reload);
        reloaded.ifPresent(AgentHolder::tell);
        agent.ifPresent(running -> running.wakeUps().wake("reload asked for"));
        return reloaded;
    }

    private static void tell(Reloaded reloaded) {
        switch (reloaded) {
            case Reloaded.Taken taken -> {
                taken.warnings().forEach(warning -> LOG.warnf("[reload-warning] %s", warning));
                LOG.infof(
                        "[reloaded] the member's configuration was read again; changed: %s",
                        taken.changed().isEmpty() ? "nothing" : String.join(", ", taken.changed()));
                if (!taken.needRestart().isEmpty()) {
                    LOG.warnf(
                            "[reload-waits] only a restart of the agent changes %s",
                            String.join(", ", taken.needRestart()));
                }
            }
            case Reloaded.Refused refused -> LOG.errorf("[reload-refused] %s", refused);
        }
    }

    void connected(ClusterStore connection) {
        store = Optional.of(connection);
    }

    /** The connection to the DCS, on a machine of any role; empty while it boots and after its end. */
    public Optional<ClusterStore> store() {
        return store;
    }

    void started(RunningAgent running) {
        agent = Optional.of(running);
    }

    void stopped() {
        agent = Optional.empty();
        store = Optional.empty();
    }

    public Optional<RunningAgent> agent() {
        return agent;
    }
}
