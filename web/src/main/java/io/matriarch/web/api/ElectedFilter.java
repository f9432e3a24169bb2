package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.ManagerBoard;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.net.URI;

/** Sends callers of {@link Elected} to the elected manager, where this one is not it. */
@Elected
public class ElectedFilter implements ContainerRequestFilter {
    private static final int SOON_SECONDS = 2;

    @Override
    public void filter(ContainerRequestContext context) {
        if (!CDI.current().select(BackupJobs.class).get().isManager()) {
            context.abortWith(Problem.noManager());
            return;
        }
        var status = CDI.current().select(ManagerBoard.class).get().status();
        if (!status.here()) {
            var other =
                    status.elected().filter(e -> !e.url().isBlank() && !e.name().equals(status.self()));
            context.abortWith(other.map(e -> there(e.url(), context.getUriInfo().getRequestUri()))
                    .orElseGet(ElectedFilter::nobody));
        }
    }

    private static Response there(String url, URI asked) {
        var query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
        return Response.temporaryRedirect(URI.create(url + asked.getRawPath() + query))
                .build();
    }

    private static Response nobody() {
        return Response.fromResponse(Problem.of(
                        Status.SERVICE_UNAVAILABLE,
                        "No manager is elected",
                        "An election takes some seconds; if it lasts, see whether etcd answers"))
                .header("Retry-After", SOON_SECONDS)
                .build();
    }
}
