package io.matriarch.ha.health;

import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/** Turns a verdict into MicroProfile's answer. */
final class Responses {

    private Responses() {}

    static HealthCheckResponse of(HealthVerdict verdict) {
        HealthCheckResponseBuilder builder =
                HealthCheckResponse.named(verdict.name()).status(verdict.up());
        verdict.data().forEach(builder::withData);
        return builder.build();
    }
}
