package io.matriarch.ha.health;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** {@code /health/started} of the management port. */
@Startup
@ApplicationScoped
public class StartupCheck implements HealthCheck {

    private final HealthState state;

    @Inject
    public StartupCheck(HealthState state) {
        this.state = state;
    }

    @Override
    public HealthCheckResponse call() {
        return Responses.of(state.started());
    }
}
