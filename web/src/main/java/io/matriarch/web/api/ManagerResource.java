package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.BackupKeeping;
import io.matriarch.backup.Job;
import io.matriarch.backup.ManagerBoard;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Who manages, by which schedules, which promises hold, and what is kept. Problems come as RFC 9457 documents. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class ManagerResource {
    private static final int LONGEST_WHY = 200;

    private final BackupJobs jobs;
    private final BackupKeeping keeping;
    private final ManagerBoard board;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public ManagerResource() {
        this(
                CDI.current().select(BackupJobs.class).get(),
                CDI.current().select(BackupKeeping.class).get(),
                CDI.current().select(ManagerBoard.class).get());
    }

    ManagerResource(BackupJobs jobs, BackupKeeping keeping, ManagerBoard board) {
        this.jobs = jobs;
        this.keeping = keeping;
        this.board = board;
    }

    /** Who is the elected manager, as this one knows it. */
    @GET
    @Path("manager")
    public Response manager() {
        if (!jobs.isManager()) {
            return Problem.noManager();
        }
        var status = board.status();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", status.self());
        out.put("elected", status.here());
        status.elected().ifPresent(e -> {
            Map<String, Object> elected = new LinkedHashMap<>();
            elected.put("name", e.name());
            elected.put("url", e.url());
            elected.put("token", e.token());
            out.put("manager", elected);
        });
        return Response.ok(Json.spaced(out)).build();
    }

    /** The schedules in force, each with its next five slots and what became of the last. */
    @GET
    @Path("schedules")
    @Elected
    public Response schedules() {
        var status = board.status();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put(
                "schedules",
                status.schedules().stream().map(ManagerResource::document).toList());
        out.put("problems", status.problems());
        return Response.ok(Json.spaced(out)).build();
    }

    private static Map<String, Object> document(ManagerBoard.ScheduleLine line) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("key", line.key());
        out.put("job", line.job());
        out.put("cron", line.cron().orElse("off"));
        out.put("zone", line.zone());
        out.put("next", line.next().stream().map(Instant::toString).toList());
        line.last().ifPresent(slot -> out.put("last_slot", slot.toString()));
        line.outcome().ifPresent(text -> out.put("last_outcome", text));
        return out;
    }

    /** The promises: what must not stay away unnoticed. Status 503 when one is broken, for machines. */
    @GET
    @Path("promises")
    @Elected
    public Response promises() {
        var promises = board.promises();
        boolean kept = promises.stream().allMatch(p -> p.state() == ManagerBoard.Promise.State.KEPT);
        var all = promises.stream()
                .map(p -> Map.of("name", p.name(), "state", p.state().name(), "sentence", p.sentence()))
                .toList();
        return Response.status(kept ? Status.OK : Status.SERVICE_UNAVAILABLE)
                .entity(Json.spaced(Map.of("promises", all)))
                .build();
    }

    /** What a run of expire-backups would do now; nothing is done. */
    @GET
    @Path("retention")
    @Elected
    public Response retention() {
        try {
            var dryRun = keeping.dryRun();
            Map<String, Object> out = new LinkedHashMap<>();
            dryRun.frozen().ifPresent(why -> out.put("frozen", why));
            out.put(
                    "backups",
                    dryRun.lines().stream().map(ManagerResource::document).toList());
            return Response.ok(Json.spaced(out)).build();
        } catch (IOException e) {
            return unknown(e);
        }
    }

    private static Map<String, Object> document(BackupKeeping.Line line) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("label", line.label());
        out.put("verdict", line.verdict());
        out.put("reasons", line.reasons());
        line.goesAt().ifPresent(at -> out.put("goes_at", at.toString()));
        return out;
    }

    /** Lets backups go that nobody needs any more. */
    @POST
    @Path("expire")
    @Command
    @Elected
    public Response expire() {
        return Problem.of(jobs.start(Job.EXPIRE_BACKUPS, Map.of()));
    }

    /** Makes etcd's copy of the catalogue what the repository holds. */
    @POST
    @Path("backups/rebuild")
    @Command
    @Elected
    public Response rebuild() {
        try {
            return Response.ok(Json.spaced(Map.of("forgotten", keeping.rebuild())))
                    .build();
        } catch (IOException e) {
            return unknown(e);
        }
    }

    /** Keeps a backup; the body {@code {"why": "..."}} says why. */
    @PUT
    @Path("backups/{label}/hold")
    @Command
    @Elected
    public Response hold(@PathParam("label") String label, String body) {
        var why = Json.tryParseObject(body).flatMap(in -> text(in));
        return why.isEmpty()
                ? Problem.of(
                        Status.BAD_REQUEST,
                        "The body is wrong",
                        "Allowed: {\"why\": \"...\"} with 1 to " + LONGEST_WHY + " printable characters")
                : held(label, why);
    }

    private static Optional<String> text(JsonObject in) {
        return in.string("why")
                .map(String::strip)
                .filter(w -> !w.isEmpty() && w.length() <= LONGEST_WHY)
                .filter(w -> w.chars().noneMatch(Character::isISOControl));
    }

    /** No longer keeps it. */
    @DELETE
    @Path("backups/{label}/hold")
    @Command
    @Elected
    public Response release(@PathParam("label") String label) {
        return held(label, Optional.empty());
    }

    private Response held(String label, Optional<String> why) {
        try {
            return keeping.hold(label, why)
                    ? Response.ok(Json.spaced(Map.of("label", label, "held", why.orElse(""))))
                            .build()
                    : Problem.of(Status.NOT_FOUND, "There is no such backup", "No backup has the label " + label);
        } catch (IOException e) {
            return unknown(e);
        }
    }

    private static Response unknown(IOException e) {
        return Problem.of(
                Status.SERVICE_UNAVAILABLE, "The repository or etcd does not answer", String.valueOf(e.getMessage()));
    }
}
