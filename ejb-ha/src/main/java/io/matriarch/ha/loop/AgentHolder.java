package io.matriarch.ha.loop;

import io.matriarch.ha.config.MemberConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where the running agent is found by those who command it; empty while it boots or on a machine without the node role. */
@ApplicationScoped
public class AgentHolder {
    private volatile Optional<RunningAgent> agent = Optional.empty();

    private volatile Optional<MemberConfig> settings = Optional.empty();

    /** The configuration was read; an agent follows only on a node. */
    void configured(MemberConfig read) {
        settings = Optional.of(read);
    }

    /** This machine's configuration; empty on a server that was started without one. */
    public Optional<MemberConfig> settings() {
        return settings;
    }

    void started(RunningAgent running) {
        agent = Optional.of(running);
    }

    void stopped() {
        agent = Optional.empty();
    }

    public Optional<RunningAgent> agent() {
        return agent;
    }
}
