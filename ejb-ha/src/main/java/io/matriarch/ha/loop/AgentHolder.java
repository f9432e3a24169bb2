package io.matriarch.ha.loop;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Where the running agent is found by those who command it; empty while it boots or on a machine without the node role. */
@ApplicationScoped
public class AgentHolder {
    private volatile Optional<RunningAgent> agent = Optional.empty();

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
