package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.BackupSummary;
import io.matriarch.backup.Job;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /**
     * Base backups, newest first; {@code next} is the address of the next page, if there is one.
     *
     * @param limit so many at most, 1 to 1000; 100 unless told
     * @param before only those with a smaller label, that is older ones: pages stay whole while backups come and go
     */
    @GET
    @Path("backups")
    public Response backups(
            @QueryParam("limit") @Nullable String limit, @QueryParam("before") @Nullable String before) {
        var problems = new ArrayList<String>();
        var most = QueryNumber.read("limit", limit, 1, BackupPage.MOST, problems);
        if (!problems.isEmpty()) {
            return Problem.of(Status.BAD_REQUEST, "The question is wrong", problems.getFirst(), problems);
        }
        try {
            var page = BackupPage.of(
                    jobs.backups(),
                    most.map(Long::intValue).orElse(BackupPage.USUAL),
                    Optional.ofNullable(before).filter(label -> !label.isEmpty()));
            Map<String, Object> out = new LinkedHashMap<>();
            out.put(
                    "backups",
                    page.backups().stream().map(BackupResource::document).toList());
            page.next().ifPresent(address -> out.put("next", address));
            return Response.ok(Json.spaced(out)).build();
        } catch (IOException e) {
            return Problem.of(
                    Status.SERVICE_UNAVAILABLE, "The repository cannot be read", String.valueOf(e.getMessage()));
        }
    }

    /** Takes a base backup now; with {@code incremental=true} one of what changed since an earlier one, or none. */
    @POST
    @Path("backups")
    @Command
    public Response take(@QueryParam("incremental") @DefaultValue("false") String incremental) {
        return switch (incremental) {
            case "true" -> Problem.of(jobs.start(Job.BASE_BACKUP, Map.of(Job.INCREMENTAL, Job.MUST)));
            case "false" -> Problem.of(jobs.start(Job.BASE_BACKUP, Map.of()));
            default -> Problem.of(Status.BAD_REQUEST, "The question is wrong", "incremental is true or false");
        };
    }

    /**
     * Verifies one, or the newest by the label {@code newest}.
     *
     * @param replay up to where: consistency, random, or a moment; absent: as configured
     */
    @POST
    @Path("backups/{label}/verify")
    @Command
    public Response verify(@PathParam("label") String label, @QueryParam("replay") @Nullable String replay) {
        Map<String, String> parameters = new HashMap<>();
        if (!label.equals("newest")) {
            parameters.put("label", label);
        }
        if (replay != null) {
            parameters.put("replay", replay);
        }
        return Problem.of(jobs.start(Job.VERIFY_BACKUP, parameters));
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
        out.put("kind", b.parent().isPresent() ? "incremental" : "full");
        b.parent().ifPresent(label -> out.put("parent", label));
        b.note().ifPresent(why -> out.put("note", why));
        out.put("timeline", b.timeline());
        out.put("start_lsn", b.startLsn());
        out.put("stop_lsn", b.stopLsn());
        out.put("bytes", b.bytes());
        out.put("server_bytes", b.serverBytes());
        b.restoreSeconds().ifPresent(seconds -> out.put("restore_seconds", seconds));
        b.restoreBytesPerSecond().ifPresent(rate -> out.put("restore_bytes_per_second", rate));
        b.level().ifPresent(level -> out.put("level", level));
        b.moment().ifPresent(at -> out.put("replayed_to", at.toString()));
        b.held().ifPresent(why -> out.put("held", why));
        b.marked().ifPresent(at -> out.put("marked_at", at.toString()));
        return out;
    }
}
