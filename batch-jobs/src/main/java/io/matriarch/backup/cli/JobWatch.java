package io.matriarch.backup.cli;

import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Follows an execution to its end: on a terminal with a bar; elsewhere with a line for each thing that is done and for each tenth of it, so
 * that a log stays short.
 */
record JobWatch(Manager manager, Shell shell) {
    private static final long LOOK_NANOS = 500_000_000L;
    private static final Set<String> ALIVE = Set.of("RUNNING", "STOPPING");
    private static final int TENTH = 10;

    /**
     * Shows it until it has ended.
     *
     * @return how it is then
     */
    JsonObject toItsEnd(JsonObject began) throws IOException {
        long id = began.number("id").orElseThrow(() -> new IOException("the answer names no job"));
        var job = began;
        var said = "";
        while (isAlive(job)) {
            said = show(job, said);
            LockSupport.parkNanos(LOOK_NANOS);
            var answer = manager.get("/matriarch/v1/jobs/" + id);
            if (!answer.ok()) {
                throw new IOException("while execution " + id + " was followed: " + answer.problem());
            }
            job = answer.json();
        }
        if (shell.terminal() && !said.isEmpty()) {
            shell.err().println();
        }
        return job;
    }

    /** Follows it and says how it ended. */
    int report(JsonObject began, boolean json) throws IOException {
        return shell.ended(toItsEnd(began), json);
    }

    static boolean isAlive(JsonObject job) {
        return job.string("state").filter(ALIVE::contains).isPresent();
    }

    private String show(JsonObject job, String before) {
        var line = Text.progress(job);
        if (shell.terminal()) {
            shell.err().print("\r" + line + " ".repeat(Math.max(0, before.length() - line.length())));
            shell.err().flush();
            return line;
        }
        var doing = line.replaceFirst(" \\[.*", "");
        var step = Text.share(job)
                .map(share -> doing + ", " + share / TENTH * TENTH + " %")
                .orElse(doing);
        if (!step.equals(before)) {
            shell.err().println(step);
        }
        return step;
    }
}
