package io.matriarch.backup.sandbox;

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
     * @throws IOException if it cannot be started, or did not end within {@code bound}: then it was killed
     * @throws Halt.HaltedException if it was ended early, or would have begun after that
     */
    public Ended run(List<String> command, Path directory, Duration bound) throws IOException {
        halt.check();
        var all = new ArrayList<>(as);
        all.addAll(command);
        Path output = Files.createTempFile("matriarch-program", ".out");
        try {
            var builder = new ProcessBuilder(all)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(Path.of("/dev/null").toFile());
            builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC", "PGCONNECT_TIMEOUT", "10"));
            var process = builder.start();
            halt.watch(process);
            boolean ended = false;
            try {
                ended = process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while " + command.getFirst() + " ran", e);
            } finally {
                halt.forget(process);
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroy);
                    process.destroyForcibly();
                }
            }
            halt.check();
            if (!ended) {
                throw new IOException(command.getFirst() + " did not end within " + bound.toSeconds() + " s");
            }
            return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (UncheckedIOException e) {
            throw new IOException("running " + command.getFirst(), e.getCause());
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
