package io.matriarch.web.api;

import io.matriarch.backup.JobRun;
import io.matriarch.backup.JobTable;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Executions of jobs as JSON. */
final class JobDocument {
    private JobDocument() {}

    static Map<String, Object> of(JobRun run) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", run.id());
        out.put("job", run.job());
        out.put("state", run.state().name());
        out.put("started_at", run.started().toString());
        run.ended().map(Instant::toString).ifPresent(at -> out.put("ended_at", at));
        run.outcome().ifPresent(text -> out.put("outcome", text));
        run.progress().ifPresent(progress -> out.put("progress", of(progress)));
        return out;
    }

    static Map<String, Object> of(JobRun.Details details) {
        var out = of(details.run());
        out.put("parameters", new TreeMap<>(details.parameters()));
        out.put("steps", details.steps().stream().map(JobDocument::of).toList());
        return out;
    }

    private static Map<String, Object> of(JobRun.Step step) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", step.name());
        out.put("state", step.state().name());
        out.put("started_at", step.started().toString());
        step.ended().map(Instant::toString).ifPresent(at -> out.put("ended_at", at));
        step.outcome().ifPresent(text -> out.put("outcome", text));
        return out;
    }

    private static Map<String, Object> of(JobTable.Progress p) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("doing", p.doing());
        out.put("bytes", p.bytes());
        p.total().ifPresent(total -> out.put("total", total));
        out.put("bytes_per_second", p.bytesPerSecond());
        p.left().ifPresent(left -> out.put("seconds_left", left.toSeconds()));
        return out;
    }
}
