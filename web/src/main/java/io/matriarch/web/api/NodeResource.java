package io.matriarch.web.api;

import io.matriarch.ha.api.HaCommands;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** What one member knows and decided. Answers from the newest status and the journal; asks nobody. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class NodeResource {
    private static final int MOST_DECISIONS = 1000;

    private final HaCommands commands;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public NodeResource() {
        this(CDI.current().select(HaCommands.class).get());
    }

    NodeResource(HaCommands commands) {
        this.commands = commands;
    }

    /** Decisions, newest first: what was done by which rule, why, what was rejected, and how each action ended. */
    @GET
    @Path("decisions")
    public String decisions(@QueryParam("limit") @DefaultValue("50") int limit) {
        var newest = commands.decisions(Math.clamp(limit, 1, MOST_DECISIONS));
        return Json.spaced(DecisionDocument.of(commands.currentDecision(), newest));
    }

    /** Who would take over if the primary's host died now, in how long, losing at most what; or why nobody could. */
    @GET
    @Path("readiness")
    public Response readiness() {
        return commands.status()
                .map(s -> Response.ok(Json.spaced(ReadinessDocument.of(s.readiness())))
                        .build())
                .orElseGet(NodeResource::booting);
    }

    /** One sentence for three in the morning: are writes accepted, since when, and what is to be done. */
    @GET
    @Path("status")
    public Response status() {
        return commands.status()
                .map(s -> Response.ok(
                                Json.spaced(StatusSentence.of(s, commands.now()).document()))
                        .build())
                .orElseGet(NodeResource::booting);
    }

    private static Response booting() {
        return Response.status(Response.Status.SERVICE_UNAVAILABLE)
                .entity("{\"sentence\": \"The agent is starting: its first look at the cluster is not done yet.\"}")
                .build();
    }
}
