package io.matriarch.backup.cli;

import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for the end of a job and shows how far it is.
 *
 * @param progress where that is shown
 * @param terminal whether a line there can be overwritten
 */
record Follower(PrintStream progress, boolean terminal) {
    private static final long LOOK_NANOS = 500_000_000L;

    /** The job as it was when it had ended. Blocks until then. */
    JsonObject follow(Manager manager, JsonObject started) throws IOException {
        long id = started.number("id").orElseThrow(() -> new IOException("the answer names no job"));
        var job = started;
        var said = "";
        while (job.string("state")
                .filter(s -> s.equals("RUNNING") || s.equals("STOPPING"))
                .isPresent()) {
            said = show(Text.progress(job), said);
            LockSupport.parkNanos(LOOK_NANOS);
            job = manager.get("/matriarch/v1/jobs/" + id).json();
        }
        if (terminal && !said.isEmpty()) {
            progress.println();
        }
        return job;
    }

    static boolean isDone(JsonObject job) {
        return job.string("state").filter("COMPLETED"::equals).isPresent();
    }

    /** What the job left as its last word. */
    static String outcome(JsonObject job) {
        return job.string("outcome").or(() -> job.string("state")).orElse("");
    }

    /** On a terminal one line that changes; elsewhere a line for each thing that is done, so that a log stays short. */
    private String show(String line, String before) {
        if (terminal) {
            progress.print("\r" + line + " ".repeat(Math.max(0, before.length() - line.length())));
            progress.flush();
            return line;
        }
        var doing = line.replaceFirst(" \\[.*", "");
        if (!doing.equals(before)) {
            progress.println(doing);
        }
        return doing;
    }
}
