package io.matriarch.backup.cli;

import io.matriarch.backup.cli.Arguments.UsageException;
import io.matriarch.ha.config.ConfigException;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.json.JsonObject;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where the words of a command go, and the exit statuses that all commands share.
 *
 * @param terminal whether a line may be drawn over
 */
record Shell(PrintStream out, PrintStream err, boolean terminal) {
    static final int DONE = 0;
    /** The job failed, or what was asked about is not well. */
    static final int FAILED = 1;

    static final int USAGE = 2;
    /** The manager cannot be reached or refuses. */
    static final int REFUSED = 3;

    /** Does what the arguments ask for. */
    @FunctionalInterface
    interface Command {
        /** @return the exit status */
        int run() throws IOException, UsageException;
    }

    static Shell ofProcess() {
        return new Shell(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.console() != null);
    }

    /** Runs a command, or shows its help if the arguments ask for that; says what went wrong. */
    int run(List<String> args, String help, Command command) {
        if (args.contains("--help") || args.contains("-h")) {
            out.println(help);
            return DONE;
        }
        try {
            return command.run();
        } catch (UsageException e) {
            err.println(e.getMessage());
            err.println(help);
            return USAGE;
        } catch (ConfigException e) {
            e.problems().forEach(err::println);
            return USAGE;
        } catch (InvalidPathException e) {
            err.println("not a path: " + e.getInput());
            return USAGE;
        } catch (IOException e) {
            err.println("The manager cannot be reached: " + e.getMessage()
                    + ". Name it with --url, or with --config and its configuration file.");
            return REFUSED;
        }
    }

    /** Shows an answer: as it came if JSON is wanted, else for people; or why it was refused. */
    int show(Manager.Answer answer, boolean json, Consumer<JsonObject> people) throws IOException {
        if (!answer.ok()) {
            return refused(answer);
        }
        if (json) {
            out.println(answer.body());
        } else {
            people.accept(answer.json());
        }
        return DONE;
    }

    /** Says of a job that nobody follows that it runs. */
    int started(Manager.Answer answer, boolean json) throws IOException {
        out.println(
                json
                        ? answer.body()
                        : "Job "
                                + answer.json()
                                        .number("id")
                                        .map(String::valueOf)
                                        .orElse("?") + " runs; see: jobs");
        return DONE;
    }

    int refused(Manager.Answer answer) {
        err.println(answer.problem());
        return REFUSED;
    }

    void table(List<List<String>> rows) {
        Text.table(rows).forEach(out::println);
    }

    /** Says how to see the next page of a list, if there is one. */
    void more(JsonObject document, String last) {
        if (document.has("next")) {
            out.println("There are older ones: --before " + last);
        }
    }

    /** Says how a job ended that has: all of it for programs; for people the outcome, or the state that it is in. */
    int ended(JsonObject job, boolean json) {
        var state = job.string("state").orElse("");
        return ended(job, json, state.equals("COMPLETED"), job.string("outcome").orElse(state));
    }

    /**
     * The same where something else than completion was asked for, or people are told in other words.
     *
     * @param done whether it ended as asked
     */
    int ended(JsonObject job, boolean json, boolean done, String words) {
        if (json) {
            out.println(Json.spaced(job.values()));
        } else {
            (done ? out : err).println(words);
        }
        return done ? DONE : FAILED;
    }
}
