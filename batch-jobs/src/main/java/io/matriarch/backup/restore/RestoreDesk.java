package io.matriarch.backup.restore;

import io.matriarch.backup.BackupJobs;
import io.matriarch.backup.Job;
import io.matriarch.backup.JobTable;
import io.matriarch.backup.Restores;
import io.matriarch.backup.node.NodeException;
import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.restore.Refusal.Rule;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where restores are asked for. */
@ApplicationScoped
public class RestoreDesk implements Restores {
    /** Somebody waits for the answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Nobody looks. */
    private static final Telling SILENT = new Telling() {
        @Override
        public void says(String doing) {}

        @Override
        public void at(String doing, long bytes, long total) {}

        @Override
        public void reads(String label) {}
    };

    private final BackupFacts cluster;
    private final BackupJobs jobs;
    private final RestorePlaces places;

    /** For the container's proxy. */
    protected RestoreDesk() {
        this(BackupFacts.none(), new BackupJobs(BackupFacts.none(), new JobTable()), new RestorePlaces());
    }

    @Inject
    public RestoreDesk(BackupFacts cluster, BackupJobs jobs, RestorePlaces places) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.places = places;
    }

    @Override
    public Answer ask(String body) throws IOException {
        if (cluster.settings().isEmpty()) {
            return new Answer(Kind.NO_MANAGER, Map.of(), Optional.empty());
        }
        JsonObject in;
        RestoreRequest request;
        Optional<String> member;
        boolean dryRun;
        try {
            in = Json.tryParseObject(body).orElseThrow(() -> new BadInput("body", "a JSON object"));
            dryRun = in.is("dry_run");
            request = RestoreRequest.parse(in);
            member = RestoreRequest.member(in);
        } catch (BadInput e) {
            return new Answer(
                    Kind.BAD_INPUT,
                    Map.of("field", e.field(), "detail", String.valueOf(e.getMessage())),
                    Optional.empty());
        }
        Map<String, Object> document;
        try {
            document = new LinkedHashMap<>(
                    places.of(member, PATIENCE, new Halt(), SILENT).preview(request));
        } catch (RefusedException e) {
            return refused(e.refusal());
        } catch (NodeException e) {
            return refused(new Refusal(rule(e), String.valueOf(e.getMessage()), List.of("another machine")));
        }
        member.ifPresent(name -> document.put("member", name));
        document.put("directory", request.directory().toString());
        document.put(
                "steps",
                Arrays.stream(RestoreStep.values()).map(RestoreStep::word).toList());
        if (dryRun) {
            return new Answer(Kind.PLANNED, document, Optional.empty());
        }
        var job = jobs.start(Job.RESTORE_STANDALONE, Map.of("request", RestoreStepBatchlet.parameter(request, member)));
        return new Answer(Kind.JOB, document, Optional.of(job));
    }

    private static Rule rule(NodeException e) {
        return switch (e.kind()) {
            case UNREACHABLE -> Rule.MEMBER_UNREACHABLE;
            case REFUSED -> Rule.MEMBER_REFUSES;
        };
    }

    private static Answer refused(Refusal refusal) {
        return new Answer(Kind.REFUSED, refusal.document(), Optional.empty());
    }

    @Override
    public Optional<List<Map<String, Object>>> recoverable() throws IOException {
        var settings = cluster.settings();
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Sites.of(settings.get(), cluster.ownData(), new Halt(), new Watched(new Halt(), SILENT))
                .survey()
                .reachable()
                .stream()
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
}
