package io.matriarch.web.api;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobAnswer;
import io.matriarch.backup.JobQuery;
import io.matriarch.backup.JobRun;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import jakarta.enterprise.inject.spi.CDI;
import jakarta.ws.rs.Consumes;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Jobs of the manager: what ran and runs, and what shall. Problems come as RFC 9457 documents. */
@Path("/v1/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Elected
public class JobResource {
    private final BackupJobs jobs;

    /** RESTEasy makes resources itself and takes only constructors that it can fill. */
    public JobResource() {
        this(CDI.current().select(BackupJobs.class).get());
    }

    JobResource(BackupJobs jobs) {
        this.jobs = jobs;
    }

    /**
     * Executions, newest first; {@code next} is the address of the next page, if there is one.
     *
     * @param state one or more, with commas between
     * @param before only those with a smaller id: pages stay whole while jobs are started
     */
    @GET
    public Response jobs(
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("offset") @Nullable String offset,
            @QueryParam("before") @Nullable String before,
            @QueryParam("job") @Nullable String job,
            @QueryParam("state") @Nullable String state) {
        var question = JobQuestion.read(limit, offset, before, job, state);
        if (question.query().isEmpty()) {
            return Problem.of(
                    Status.BAD_REQUEST,
                    "The question is wrong",
                    String.join("; ", question.problems()),
                    question.problems());
        }
        var query = question.query().get();
        try {
            var runs = jobs.runs(query);
            Map<String, Object> out = new LinkedHashMap<>();
            out.put("jobs", runs.stream().map(JobDocument::of).toList());
            if (runs.size() == query.limit()) {
                out.put("next", next(query, runs.getLast().id()));
            }
            return Response.ok(Json.spaced(out)).build();
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    private static String next(JobQuery query, long last) {
        var address = new StringBuilder("/matriarch/v1/jobs?limit=")
                .append(query.limit())
                .append("&before=")
                .append(last);
        query.job().ifPresent(job -> address.append("&job=").append(job.word()));
        if (!query.states().isEmpty()) {
            address.append("&state=")
                    .append(String.join(
                            ",", query.states().stream().map(Enum::name).toList()));
        }
        return address.toString();
    }

    /** One execution with its parameters and steps, and with its progress while it runs. */
    @GET
    @Path("{id}")
    public Response job(@PathParam("id") String id) {
        try {
            var number = number(id);
            var found = number.isEmpty() ? Optional.<JobRun.Details>empty() : jobs.details(number.get());
            return found.map(details ->
                            Response.ok(Json.spaced(JobDocument.of(details))).build())
                    .orElseGet(() -> unknown(id));
        } catch (IOException e) {
            return unreadable(e);
        }
    }

    /** Starts a job: {@code {"job": "verify-backup", "parameters": {"label": "..."}}}. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Command
    public Response start(String body) {
        var wish = Json.tryParseObject(body);
        var job = wish.flatMap(w -> w.string("job")).flatMap(Job::of);
        if (job.isEmpty()) {
            return Problem.of(
                    Status.BAD_REQUEST,
                    "No job was named",
                    "The body is a JSON object with the name of a job as \"job\", one of: " + Job.words());
        }
        return jobs.isManager() ? start(job.get(), wish.flatMap(w -> w.object("parameters"))) : Problem.noManager();
    }

    private Response start(Job job, Optional<JsonObject> given) {
        var parameters = new TreeMap<String, String>();
        for (String name : given.map(g -> g.values().keySet()).orElse(Set.of())) {
            var value = given.flatMap(g -> g.string(name));
            if (value.isEmpty()) {
                return Problem.of(new JobAnswer.Wrong(List.of("the parameter " + name + " is no string")));
            }
            parameters.put(name, value.get());
        }
        return Problem.of(jobs.start(job, parameters));
    }

    /** Asks it to end soon, and to leave nothing half done. */
    @POST
    @Path("{id}/stop")
    @Command
    public Response stop(@PathParam("id") String id) {
        return wish(id, jobs::stop);
    }

    /** Tries again what failed or was stopped: a new execution. */
    @POST
    @Path("{id}/restart")
    @Command
    public Response restart(@PathParam("id") String id) {
        return wish(id, jobs::restart);
    }

    /** Says that what failed or was stopped shall not be restarted. */
    @POST
    @Path("{id}/abandon")
    @Command
    public Response abandon(@PathParam("id") String id) {
        return wish(id, jobs::abandon);
    }

    private Response wish(String id, LongFunction<JobAnswer> wish) {
        if (!jobs.isManager()) {
            return Problem.noManager();
        }
        return number(id).map(n -> Problem.of(wish.apply(n))).orElseGet(() -> unknown(id));
    }

    private static Optional<Long> number(String id) {
        return id.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(id)) : Optional.empty();
    }

    private static Response unknown(String id) {
        return Problem.of(
                Status.NOT_FOUND,
                "There is no such execution",
                id.matches("[0-9]{1,18}")
                        ? "No execution of a job has the id " + id
                        : "The id of an execution is a number");
    }

    private static Response unreadable(IOException e) {
        return Problem.of(Status.SERVICE_UNAVAILABLE, "The records cannot be read", String.valueOf(e.getMessage()));
    }
}
