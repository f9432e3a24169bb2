package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.BackupSummary;
import io.matriarch.backup.Job;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The manager's interface: what backups there are, to take one and to verify one. Problems come as RFC 9457 documents. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Elected
public class BackupResource {
    private final BackupJobs jobs;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public BackupResource() {
        this(CDI.current().select(BackupJobs.class).get());
    }

    BackupResource(BackupJobs jobs) {
        this.jobs = jobs;
    }

    /** All base backups, newest first. */
    @GET
    @Path("backups")
    public Response backups() {
        try {
            var all = jobs.backups().stream().map(BackupResource::document).toList();
            return Response.ok(Json.spaced(Map.of("backups", all))).build();
        } catch (IOException e) {
            return Problem.of(
                    Status.SERVICE_UNAVAILABLE, "The repository cannot be read", String.valueOf(e.getMessage()));
        }
    }

    /** Takes a base backup now. */
    @POST
    @Path("backups")
    @Command
    public Response take() {
        return Problem.of(jobs.start(Job.BASE_BACKUP, Map.of()));
    }

    /** Verifies one, or the newest by the label {@code newest}. */
    @POST
    @Path("backups/{label}/verify")
    @Command
    public Response verify(@PathParam("label") String label) {
        return Problem.of(jobs.start(Job.VERIFY_BACKUP, label.equals("newest") ? Map.of() : Map.of("label", label)));
    }

    private static Map<String, Object> document(BackupSummary b) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("label", b.label());
        out.put("state", b.state());
        out.put("why", b.why());
        out.put("started_at", b.startedAt().toString());
        out.put("stopped_at", b.stoppedAt().toString());
        out.put("seconds", b.duration().toMillis() / 1000.0);
        out.put("source", b.source());
        out.put("postgres", b.postgres());
        out.put("format", b.format());
        out.put("timeline", b.timeline());
        out.put("start_lsn", b.startLsn());
        out.put("stop_lsn", b.stopLsn());
        out.put("bytes", b.bytes());
        out.put("server_bytes", b.serverBytes());
        b.restoreSeconds().ifPresent(seconds -> out.put("restore_seconds", seconds));
        b.held().ifPresent(why -> out.put("held", why));
        b.marked().ifPresent(at -> out.put("marked_at", at.toString()));
        return out;
    }
}
