package io.matriarch.ha.loop;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Where the running agent is found by those who command it; empty while it boots or on a machine without the node role. */
@ApplicationScoped
public class AgentHolder {
    private final AtomicReference<Optional<RunningAgent>> agent = new AtomicReference<>(Optional.empty());

    void started(RunningAgent running) {
        agent.set(Optional.of(running));
    }

    void stopped() {
        agent.set(Optional.empty());
    }

    public Optional<RunningAgent> agent() {
        return agent.get();
    }
}
