package io.matriarch.web.api;

import io.matriarch.backup.JobAnswer;
import io.matriarch.backup.Restores;
import io.matriarch.backup.Restores.Answer;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Restores: what can be reached, and the wish for one. Problems come as RFC 9457 documents, with what can be reached instead. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Elected
public class RestoreResource {
    private final Restores restores;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public RestoreResource() {
        this(CDI.current().select(Restores.class).get());
    }

    RestoreResource(Restores restores) {
        this.restores = restores;
    }

    /** Ranges of moments that can be restored. */
    @GET
    @Path("recoverable")
    public Response recoverable() {
        try {
            return restores.recoverable()
                    .map(ranges -> Response.ok(Json.spaced(Map.of("recoverable", ranges)))
                            .build())
                    .orElseGet(Problem::noManager);
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    /** Plans a restore, and starts it unless the body says {@code "dry_run": true}. */
    @POST
    @Path("restores")
    @Command
    public Response restore(String body) {
        try {
            var answer = restores.ask(body);
            return switch (answer.kind()) {
                case NO_MANAGER -> Problem.noManager();
                case PLANNED -> Response.ok(Json.spaced(answer.document())).build();
                case BAD_INPUT -> problem(Status.BAD_REQUEST, "The request is wrong", answer);
                case REFUSED -> problem(Status.CONFLICT, "This cannot be restored", answer);
                case JOB -> started(answer);
            };
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    private static Response started(Answer answer) {
        var job = answer.job().orElseThrow();
        if (!(job instanceof JobAnswer.Accepted accepted)) {
            return Problem.of(job);
        }
        Map<String, Object> out = new LinkedHashMap<>(JobDocument.of(accepted.run()));
        out.put("plan", answer.document());
        return Response.accepted(Json.spaced(out)).build();
    }

    private static Response problem(Status status, String title, Answer answer) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("title", title);
        out.put("status", status.getStatusCode());
        out.putAll(answer.document());
        return Response.status(status)
                .type("application/problem+json")
                .entity(Json.spaced(out))
                .build();
    }

    private static Response unreadable(IOException e) {
        return Problem.of(Status.SERVICE_UNAVAILABLE, "The repository cannot be read", String.valueOf(e.getMessage()));
    }
}
