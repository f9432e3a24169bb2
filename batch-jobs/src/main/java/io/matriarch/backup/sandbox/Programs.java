package io.matriarch.backup.sandbox;

import io.matriarch.backup.base.Tied;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Programs that run to their end, bounded in time.
 *
 * @param postgres where a program of PostgreSQL is, by its name
 * @param as goes before each command; empty unless this process runs as another user than PostgreSQL may
 * @param halt ends them early
 */
public record Programs(UnaryOperator<Path> postgres, List<String> as, Halt halt) {
    private static final int LAST_WORDS = 2_000;
    /** What a shell and setpriv say of a program that cannot be run, 127 if it is missing; above 128: killed by a signal. */
    static final int NOT_RUN = 126;
    /** By the C library, where the locale is C. */
    static final String NO_ROOM = "No space left on device";

    public Programs {
        as = List.copyOf(as);
    }

    /** Programs that nobody ends early. */
    public Programs(UnaryOperator<Path> postgres, List<String> as) {
        this(postgres, as, new Halt());
    }

    /** The same for what has to be done even when the work was ended early: to leave nothing behind. */
    public Programs forTidying() {
        return new Programs(postgres, as);
    }

    /**
     * How one ended.
     *
     * @param output what it wrote, both streams
     */
    public record Ended(int status, String output) {
        public boolean well() {
            return status == 0;
        }

        /** @throws IOException unless it ended well: with its last words */
        public Ended must() throws IOException {
            if (!well()) {
                throw new IOException("a program ended with status " + status + ": " + lastWords());
            }
            return this;
        }

        public String lastWords() {
            var text = output.strip();
            return text.length() <= LAST_WORDS ? text : "..." + text.substring(text.length() - LAST_WORDS);
        }
    }

    /** As {@link #run}, for what has to end well. */
    public Ended must(List<String> command, Path directory, Duration bound) throws IOException {
        return run(command, directory, bound).must();
    }

    /** Runs one of PostgreSQL's; see {@link #run}. */
    public Ended postgres(String program, List<String> arguments, Path directory, Duration bound) throws IOException {
        var command = new ArrayList<String>();
        command.add(postgres.apply(Path.of(program)).toString());
        command.addAll(arguments);
        return run(command, directory, bound);
    }

    /**
     * Runs a program in {@code directory}; its output goes to a file there, so that a server that it starts holds no pipe of ours.
     *
     * @throws IOException if it cannot be started, was killed by somebody else, or did not end within {@code bound}: then it was killed here
     * @throws Halt.HaltedException if it was ended early, or would have begun after that
     */
    public Ended run(List<String> command, Path directory, Duration bound) throws IOException {
        halt.check();
        Path output = Files.createTempFile("matriarch-program", ".out");
        try {
            var process = begin(Tied.End.KILL, command, directory, output);
            halt.watch(process);
            boolean inTime = false;
            try {
                inTime = process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while " + command.getFirst() + " ran", e);
            } finally {
                halt.forget(process);
                if (!inTime) {
                    process.descendants().forEach(ProcessHandle::destroy);
                    process.destroyForcibly();
                }
            }
            halt.check();
            if (!inTime) {
                throw new IOException(command.getFirst() + " did not end within " + bound.toSeconds() + " s");
            }
            var ended = new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
            if (ended.status() >= NOT_RUN) {
                throw new IOException(command.getFirst() + " could not be run, or was killed from outside (status "
                        + ended.status() + "): what it was to look at is not known. " + ended.lastWords());
            }
            return ended;
        } catch (UncheckedIOException e) {
            throw new IOException("running " + command.getFirst(), e.getCause());
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /**
     * Begins a program that ends with this process at the latest; its caller ends it before, and has to be there as long as it runs.
     *
     * @param output gets what it writes, both streams, behind what is there
     */
    Process begin(Tied.End end, List<String> command, Path directory, Path output) throws IOException {
        var all = new ArrayList<>(as);
        all.addAll(command);
        var builder = new ProcessBuilder(Tied.command(end, all))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC", "PGCONNECT_TIMEOUT", "10"));
        return builder.start();
    }
}
