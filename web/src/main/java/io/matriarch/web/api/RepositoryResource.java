package io.matriarch.web.api;

import io.matriarch.backup.RepositoryReads;
import io.matriarch.backup.RepositoryReads.Sending;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.util.Map;
import org.jboss.logging.Logger;

/** This manager's repository for nodes that restore, to be read only. In pieces with their lengths, for nodes and not for people. */
@Path("/v1")
@Command
@Identified
public class RepositoryResource {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");

    private final RepositoryReads repository;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public RepositoryResource() {
        this(CDI.current().select(RepositoryReads.class).get());
    }

    RepositoryResource(RepositoryReads repository) {
        this.repository = repository;
    }

    /** Objects whose names begin so. */
    @GET
    @Path("repository/objects")
    public Response list(@QueryParam("prefix") @DefaultValue("") String prefix) {
        try {
            return stream(repository.list(prefix));
        } catch (IllegalArgumentException e) {
            return Problem.of(Status.BAD_REQUEST, "The prefix is wrong", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    /** The content of one, from a byte on. */
    @GET
    @Path("repository/object")
    public Response open(
            @QueryParam("name") @DefaultValue("") String name, @QueryParam("from") @DefaultValue("0") long from) {
        try {
            return repository
                    .open(name, Math.max(0, from))
                    .map(RepositoryResource::stream)
                    .orElseGet(() -> Response.status(Status.NOT_FOUND)
                            .type(MediaType.APPLICATION_JSON)
                            .entity(Json.spaced(Map.of("code", "NO_OBJECT", "detail", "there is none of that name")))
                            .build());
        } catch (IllegalArgumentException e) {
            return Problem.of(Status.BAD_REQUEST, "The name is wrong", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    private static Response stream(Sending sending) {
        StreamingOutput out = to -> {
            try {
                sending.to(to);
            } catch (IOException e) {
                // The receiver is gone; what he has ends without the mark of its end.
                LOG.debugf("an object was not sent to its end: %s", e);
            }
        };
        return Response.ok(out, MediaType.APPLICATION_OCTET_STREAM).build();
    }

    private static Response unreadable(IOException e) {
        return Problem.of(
                Status.INTERNAL_SERVER_ERROR, "The repository cannot be read", String.valueOf(e.getMessage()));
    }
}
