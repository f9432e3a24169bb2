package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.BackupSummary;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobAnswer;
import io.matriarch.backup.JobRun;
import io.matriarch.ha.json.Json;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The manager's interface: what backups there are, and the jobs that take and verify them. Problems come as RFC 9457 documents. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class BackupResource {
    private static final int MOST_JOBS = 200;
    private static final String PROBLEM = "application/problem+json";

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
        if (!jobs.isManager()) {
            return noManager();
        }
        try {
            var all = jobs.backups().stream().map(BackupResource::document).toList();
            return Response.ok(Json.spaced(Map.of("backups", all))).build();
        } catch (IOException e) {
            return problem(Status.SERVICE_UNAVAILABLE, "The repository cannot be read", String.valueOf(e.getMessage()));
        }
    }

    /** Takes a base backup now. */
    @POST
    @Path("backups")
    @Command
    public Response take() {
        return jobs.isManager() ? started(jobs.start(Job.BASE_BACKUP, Map.of())) : noManager();
    }

    /** Verifies one, or the newest by the label {@code newest}. */
    @POST
    @Path("backups/{label}/verify")
    @Command
    public Response verify(@PathParam("label") String label) {
        if (!jobs.isManager()) {
            return noManager();
        }
        return started(jobs.start(Job.VERIFY_BACKUP, label.equals("newest") ? Map.of() : Map.of("label", label)));
    }

    /** The newest executions, newest first. */
    @GET
    @Path("jobs")
    public String jobs(@QueryParam("limit") @DefaultValue("20") int limit) {
        List<Map<String, Object>> runs = jobs.runs(Math.clamp(limit, 1, MOST_JOBS)).stream()
                .map(BackupResource::document)
                .toList();
        return Json.spaced(Map.of("jobs", runs));
    }

    /** One execution, with its progress while it runs. */
    @GET
    @Path("jobs/{id}")
    public Response job(@PathParam("id") long id) {
        return jobs.find(id)
                .map(run -> Response.ok(Json.spaced(document(run))).build())
                .orElseGet(() -> problem(Status.NOT_FOUND, "There is no such execution", "No job has the id " + id));
    }

    private static Response started(JobAnswer answer) {
        return switch (answer) {
            case JobAnswer.Accepted accepted ->
                Response.accepted(Json.spaced(document(accepted.run()))).build();
            case JobAnswer.Unknown unknown ->
                problem(Status.NOT_FOUND, "There is no such execution", unknown.sentence());
            case JobAnswer.Refused refused -> problem(Status.CONFLICT, "Not now", refused.sentence());
            case JobAnswer.Wrong wrong -> problem(Status.BAD_REQUEST, "The parameters are wrong", wrong.sentence());
            case JobAnswer.Broken broken ->
                problem(Status.INTERNAL_SERVER_ERROR, "The server could not", broken.sentence());
        };
    }

    private static Response noManager() {
        return problem(
                Status.NOT_FOUND,
                "This member is no manager",
                "Backups are taken where matriarch.roles names node and manager");
    }

    private static Response problem(Status status, String title, String detail) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("title", title);
        out.put("status", status.getStatusCode());
        out.put("detail", detail);
        return Response.status(status).type(PROBLEM).entity(Json.spaced(out)).build();
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
        return out;
    }

    private static Map<String, Object> document(JobRun run) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", run.id());
        out.put("job", run.job());
        out.put("state", run.state().name());
        out.put("started_at", run.started().toString());
        run.ended().map(Instant::toString).ifPresent(at -> out.put("ended_at", at));
        run.outcome().ifPresent(text -> out.put("outcome", text));
        run.progress().ifPresent(p -> {
            Map<String, Object> progress = new LinkedHashMap<>();
            progress.put("doing", p.doing());
            progress.put("bytes", p.bytes());
            p.total().ifPresent(total -> progress.put("total", total));
            progress.put("bytes_per_second", p.bytesPerSecond());
            p.left().ifPresent(left -> progress.put("seconds_left", left.toSeconds()));
            out.put("progress", progress);
        });
        return out;
    }
}
