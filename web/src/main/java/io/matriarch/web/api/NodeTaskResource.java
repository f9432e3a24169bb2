package io.matriarch.web.api;

import io.matriarch.backup.NodeTasks;
import io.matriarch.backup.NodeTasks.Answer;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.time.Duration;

/** What the elected manager has this node do. For managers, not for people. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Command
@Identified
public class NodeTaskResource {
    private final NodeTasks tasks;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public NodeTaskResource() {
        this(CDI.current().select(NodeTasks.class).get());
    }

    NodeTaskResource(NodeTasks tasks) {
        this.tasks = tasks;
    }

    /** Begins a task; the same again finds it. */
    @PUT
    @Path("node/tasks/{id}")
    public Response begin(@PathParam("id") String id, String body) {
        return response(tasks.begin(id, body));
    }

    /** How far it is; waits for its end for some milliseconds. */
    @GET
    @Path("node/tasks/{id}")
    public Response look(@PathParam("id") String id, @QueryParam("wait") @DefaultValue("0") long waitMs) {
        return response(tasks.look(id, Duration.ofMillis(Math.max(0, waitMs))));
    }

    /** Asks it to end. */
    @DELETE
    @Path("node/tasks/{id}")
    public Response stop(@PathParam("id") String id, @QueryParam("token") @DefaultValue("0") long token) {
        return response(tasks.stop(id, token));
    }

    private static Response response(Answer answer) {
        var status = switch (answer.kind()) {
            case TASK -> Status.OK;
            case BAD_INPUT -> Status.BAD_REQUEST;
            case STALE, BUSY -> Status.CONFLICT;
            case UNKNOWN -> Status.NOT_FOUND;
            case NO_NODE -> Status.FORBIDDEN;
        };
        return Response.status(status).entity(Json.spaced(answer.document())).build();
    }
}
