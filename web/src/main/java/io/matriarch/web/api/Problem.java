package io.matriarch.web.api;

import io.matriarch.backup.JobAnswer;
import io.matriarch.ha.json.Json;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Refusals as RFC 9457 documents. */
final class Problem {
    private static final String TYPE = "application/problem+json";

    private Problem() {}

    static Response of(Status status, String title, String detail) {
        return of(status, title, detail, List.of());
    }

    /** @param problems each by itself, where there may be several */
    static Response of(Status status, String title, String detail, List<String> problems) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("title", title);
        out.put("status", status.getStatusCode());
        out.put("detail", detail);
        if (!problems.isEmpty()) {
            out.put("problems", problems);
        }
        return Response.status(status).type(TYPE).entity(Json.spaced(out)).build();
    }

    static Response noManager() {
        return of(
                Status.NOT_FOUND, "This member is no manager", "Backups are taken where matriarch.roles names manager");
    }

    /** What became of a wish. */
    static Response of(JobAnswer answer) {
        return switch (answer) {
            case JobAnswer.Accepted accepted ->
                Response.accepted(Json.spaced(JobDocument.of(accepted.run()))).build();
            case JobAnswer.Unknown unknown -> of(Status.NOT_FOUND, "There is no such execution", unknown.sentence());
            case JobAnswer.Refused refused -> of(Status.CONFLICT, "Refused", refused.sentence());
            case JobAnswer.Wrong wrong ->
                of(Status.BAD_REQUEST, "The parameters are wrong", wrong.sentence(), wrong.problems());
            case JobAnswer.Broken broken ->
                of(Status.INTERNAL_SERVER_ERROR, "The server cannot do it", broken.sentence());
        };
    }
}
