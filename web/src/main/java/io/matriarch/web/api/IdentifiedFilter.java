package io.matriarch.web.api;

import io.matriarch.ha.api.HaCommands;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Response.Status;

/** Refuses {@link Identified} where a granted call proves nothing. {@link CommandFilter} judges the call itself. */
@Identified
public class IdentifiedFilter implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext context) {
        if (!CDI.current().select(HaCommands.class).get().access().identifies()) {
            context.abortWith(Problem.of(
                    Status.FORBIDDEN,
                    "Nobody has to prove who he is here",
                    "set restapi.authentication (the same on managers and nodes), or restapi.verify_client: required"));
        }
    }
}
