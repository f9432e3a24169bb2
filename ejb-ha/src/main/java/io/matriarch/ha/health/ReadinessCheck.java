package io.matriarch.ha.health;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /health/ready} of the management port. */
@Readiness
@ApplicationScoped
public class ReadinessCheck implements HealthCheck {

    private final HealthState state;

    @Inject
    public ReadinessCheck(HealthState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        return Responses.of(state.ready());
    }
}
