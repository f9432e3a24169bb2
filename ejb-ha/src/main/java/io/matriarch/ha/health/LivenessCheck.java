package io.matriarch.ha.health;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** {@code /health/live} of the management port. */
@Liveness
@ApplicationScoped
public class LivenessCheck implements HealthCheck {

    private final HealthState state;

    @Inject
    public LivenessCheck(HealthState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        return Responses.of(state.live());
    }
}
