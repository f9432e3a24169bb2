package io.matriarch.backup.base;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A program that runs for long: its messages are read as they come, and it outlives neither the call that started it nor this process. */
final class ChildProcess {
    private static final int REMEMBERED_LINES = 20;
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final List<String> command;
    private final Map<String, String> environment;
    private final Consumer<String> messages;
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private volatile Optional<Process> running = Optional.empty();
    private volatile boolean stopped;

    /** @param messages gets each line of the program's standard error, on a thread of its own */
    ChildProcess(List<String> command, Map<String, String> environment, Consumer<String> messages) {
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.messages = messages;
    }

    /** Reads what the program writes to its standard output; has to read to the end. */
    @FunctionalInterface
    interface Output {
        void read(InputStream in) throws IOException;
    }

    /**
     * Runs it to its end. When {@code output} fails the program is stopped and waited for.
     *
     * @throws IOException if it could not be started, its output could not be used, the thread was interrupted, or it ended with an error:
     *     with its last words
     */
    void run(Path directory, Output output) throws IOException {
        var builder = new ProcessBuilder(Tied.command(Tied.End.KILL, command)).directory(directory.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("LC_ALL", "C");
        var process = builder.start();
        running = Optional.of(process);
        try {
            if (stopped) {
                throw new IOException(name() + " was stopped before it began");
            }
            process.getOutputStream().close();
            var reader = Thread.ofVirtual().start(() -> readMessages(process));
            output.read(process.getInputStream());
            int status = process.waitFor();
            reader.join();
            if (status != 0) {
                throw new IOException(
                        name() + (stopped ? " was stopped" : " ended with status " + status) + ": " + lastWords());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + name() + " ran", e);
        } finally {
            end(process);
        }
    }

    /** Ends it from another thread; {@link #run} then fails. */
    void stop() {
        stopped = true;
        running.ifPresent(Process::destroy);
    }

    private void readMessages(Process process) {
        try (BufferedReader in = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (last) {
                    last.addLast(line);
                    if (last.size() > REMEMBERED_LINES) {
                        last.removeFirst();
                    }
                }
                messages.accept(line);
            }
        } catch (IOException e) {
            // The pipe breaks when the program is killed; its status says the rest.
        }
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    private String name() {
        return Path.of(command.getFirst()).getFileName().toString();
    }

    private String lastWords() {
        synchronized (last) {
            return last.isEmpty() ? "it said nothing" : String.join("; ", last);
        }
    }
}
