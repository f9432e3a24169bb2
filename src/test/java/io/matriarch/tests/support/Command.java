package io.matriarch.tests.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end. */
public final class Command {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** How a command ended: its exit code and all that it wrote. */
    public record Result(int code, String output) {}

    private Command() {}

    /** Runs a short command and gives its end, whatever it was; {@code -1} means that it had to be killed at the limit. */
    public static Result tryRun(List<String> command) {
        return tryRun(command, LIMIT);
    }

    private static Result tryRun(List<String> command, Duration limit) {
        try {
            Path output = Files.createTempFile("matriarch-command", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .start();
                boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
                if (!ended) {
                    process.destroyForcibly();
                }
                String text = Files.readString(output, StandardCharsets.UTF_8);
                return new Result(ended ? process.exitValue() : -1, text);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command, e);
        }
    }

    /**
     * Runs a short command and gives what it wrote.
     *
     * @throws IllegalStateException when it ends with another code than 0
     */
    public static String run(List<String> command) {
        return run(command, LIMIT);
    }

    /** {@link #run(List)} for one that may take as long as {@code limit}. */
    public static String run(List<String> command, Duration limit) {
        Result result = tryRun(command, limit);
        if (result.code() != 0) {
            throw new IllegalStateException(command + " ended with " + result.code() + ": " + result.output());
        }
        return result.output();
    }

    /** {@link #run(List)} for a command without computed parts. */
    public static String run(String... command) {
        return run(List.of(command));
    }
}
