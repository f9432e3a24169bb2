package io.matriarch.backup.restore;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobTable;
import io.matriarch.backup.Restores;
import io.matriarch.backup.restore.RestorePlanner.End;
import io.matriarch.backup.restore.RestoreRequest.BadInput;
import io.matriarch.backup.restore.Survey.Reachable;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.api.BackupFacts;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where restores are asked for. */
@ApplicationScoped
public class RestoreDesk implements Restores {
    private final BackupFacts cluster;
    private final BackupJobs jobs;

    /** For the container's proxy. */
    protected RestoreDesk() {
        this(BackupFacts.none(), new BackupJobs(BackupFacts.none(), new JobTable()));
    }

    @Inject
    public RestoreDesk(BackupFacts cluster, BackupJobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Override
    public Answer ask(String body) throws IOException {
        var settings = cluster.settings();
        if (settings.isEmpty()) {
            return new Answer(Kind.NO_MANAGER, Map.of(), Optional.empty());
        }
        JsonObject in;
        RestoreRequest request;
        boolean dryRun;
        try {
            in = Json.tryParseObject(body).orElseThrow(() -> new BadInput("body", "a JSON object"));
            dryRun = in.is("dry_run");
            request = RestoreRequest.parse(in);
        } catch (BadInput e) {
            return new Answer(
                    Kind.BAD_INPUT,
                    Map.of("field", e.field(), "detail", String.valueOf(e.getMessage())),
                    Optional.empty());
        }
        var site = Sites.of(settings.get(), cluster.ownData(), new Halt(), new Silent());
        Plan plan;
        try {
            plan = plan(site, request);
        } catch (RefusedException e) {
            return refused(e.refusal());
        }
        var document = new LinkedHashMap<>(plan.document());
        document.put("directory", request.directory().toString());
        document.put(
                "steps",
                Arrays.stream(RestoreStep.values()).map(RestoreStep::word).toList());
        if (dryRun) {
            return new Answer(Kind.PLANNED, document, Optional.empty());
        }
        var job = jobs.start(Job.RESTORE_STANDALONE, Map.of("request", RestoreStepBatchlet.parameter(request)));
        return new Answer(Kind.JOB, document, Optional.of(job));
    }

    /** Of the restore that was begun in the directory, or anew. */
    private static Plan plan(Site site, RestoreRequest request) throws IOException {
        var begun = new Place(site, new Places(request.directory()), request).begun();
        if (begun.isPresent()) {
            return begun.get().plan();
        }
        var outcome = site.survey().plan(request);
        if (outcome.refusal().isPresent()) {
            throw new RefusedException(outcome.refusal().get());
        }
        return outcome.plan().orElseThrow();
    }

    private static Answer refused(Refusal refusal) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("code", refusal.rule().name());
        out.put("detail", refusal.why());
        out.put("reachable", refusal.reachable());
        return new Answer(Kind.REFUSED, out, Optional.empty());
    }

    @Override
    public Optional<List<Map<String, Object>>> recoverable() throws IOException {
        var settings = cluster.settings();
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                Sites.of(settings.get(), cluster.ownData(), new Halt(), new Silent()).survey().reachable().stream()
                        .map(RestoreDesk::document)
                        .toList());
    }

    private static Map<String, Object> document(Reachable reachable) {
        var range = reachable.range();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("system_identifier", range.system().value());
        out.put("timeline", range.path().target().id());
        out.put("from", range.since().toString());
        out.put("from_lsn", range.from().toString());
        reachable.end().flatMap(End::lastCommit).map(Instant::toString).ifPresent(at -> out.put("to", at));
        out.put(
                "to_lsn",
                reachable.end().map(End::lastRecord).orElseGet(range::to).toString());
        out.put("backups", range.backups());
        if (range.reach().hole()) {
            out.put("missing", range.reach().missing().toString());
        }
        return out;
    }

    /** Nobody looks. */
    private static final class Silent implements Site.RestoreProgress {
        @Override
        public void says(String doing) {}

        @Override
        public void at(String doing, long bytes, long total) {}

        @Override
        public void mayGoOn() {}
    }
}
