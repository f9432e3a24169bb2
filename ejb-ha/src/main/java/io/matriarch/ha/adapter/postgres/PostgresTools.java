package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.port.PostgresException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs PostgreSQL's programs (and the user's scripts) as child processes: stdin closed, output bounded, messages in English, passwords
 * only in a file, never longer than a time limit, and none outlives an interrupt. Thread safe; holds no state.
 */
public final class PostgresTools {
    private static final int OUTPUT_LIMIT = 64 * 1024;
    private static final long KILL_AFTER_MS = 2_000;
    private static final long LOOK_EVERY_MS = 500;
    private static final Supplier<Optional<String>> NEVER = Optional::empty;
    /** What libpq and the programs would take from the agent's own environment: a stray PGHOST must not redirect them. */
    private static final Set<String> LIBPQ = Set.of(
            "PGHOST",
            "PGHOSTADDR",
            "PGPORT",
            "PGDATABASE",
            "PGUSER",
            "PGPASSWORD",
            "PGPASSFILE",
            "PGREQUIREAUTH",
            "PGCHANNELBINDING",
            "PGSERVICE",
            "PGSERVICEFILE",
            "PGOPTIONS",
            "PGAPPNAME",
            "PGREQUIRESSL",
            "PGREQUIREPEER",
            "PGGSSENCMODE",
            "PGKRBSRVNAME",
            "PGGSSLIB",
            "PGCONNECT_TIMEOUT",
            "PGCLIENTENCODING",
            "PGTARGETSESSIONATTRS",
            "PGLOADBALANCEHOSTS",
            "PGDATESTYLE",
            "PGTZ",
            "PGGEQO",
            "PGSYSCONFDIR",
            "PGLOCALEDIR",
            "PGDATA");

    private final Function<String, Path> programs;
    private final List<String> commandPrefix;
    private final Optional<Path> passwordFile;

    /**
     * @param programs finds a program by its usual name, for example {@code pg_controldata}
     * @param commandPrefix put before each command; empty unless the programs must run as another OS user, for example
     *     {@code [setpriv, --reuid, postgres, --regid, postgres, --init-groups]}
     * @param passwordFile given to each child as {@code PGPASSFILE}
     */
    public PostgresTools(Function<String, Path> programs, List<String> commandPrefix, Optional<Path> passwordFile) {
        this.programs = programs;
        this.commandPrefix = List.copyOf(commandPrefix);
        this.passwordFile = passwordFile;
    }

    /** The full path of a program. */
    public Path program(String usualName) {
        return programs.apply(usualName);
    }

    /** What is put before each command. */
    public List<String> commandPrefix() {
        return commandPrefix;
    }

    /**
     * What to run. Made by {@link #of}, refined by the methods that return a changed copy.
     *
     * @param name for messages
     * @param argv program and arguments, no secret among them
     * @param environment added to the agent's own
     * @param timeout after which the child is killed
     * @param stallTimeout the child is killed when it writes no output for so long
     * @param abort asked twice a second: the reason to kill the child at once, if there is one
     * @param onOutput takes each line of stdout, on a thread of its own; must not throw
     * @param onError takes each line of stderr, on a thread of its own; must not throw
     */
    public record Command(
            String name,
            List<String> argv,
            Map<String, String> environment,
            Duration timeout,
            Optional<Duration> stallTimeout,
            Supplier<Optional<String>> abort,
            Consumer<String> onOutput,
            Consumer<String> onError) {
        public Command {
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
        }

        private boolean isWatched() {
            return stallTimeout.isPresent() || abort != NEVER;
        }

        /** Any program. */
        public static Command of(String name, List<String> argv, Duration timeout) {
            return new Command(name, argv, Map.of(), timeout, Optional.empty(), NEVER, line -> {}, line -> {});
        }

        public Command with(Map<String, String> more) {
            return new Command(name, argv, more, timeout, stallTimeout, abort, onOutput, onError);
        }

        public Command stalledAfter(Duration silence) {
            return new Command(name, argv, environment, timeout, Optional.of(silence), abort, onOutput, onError);
        }

        public Command abortedWhen(Supplier<Optional<String>> reason) {
            return new Command(name, argv, environment, timeout, stallTimeout, reason, onOutput, onError);
        }

        public Command onOutputLine(Consumer<String> consumer) {
            return new Command(name, argv, environment, timeout, stallTimeout, abort, consumer, onError);
        }

        public Command onErrorLine(Consumer<String> consumer) {
            return new Command(name, argv, environment, timeout, stallTimeout, abort, onOutput, consumer);
        }
    }

    /**
     * How it ended.
     *
     * @param exitCode 0 = success; above 128: killed by that signal less 128
     * @param output of stdout, the beginning and the end
     * @param errors of stderr, likewise
     */
    public record Result(String name, int exitCode, String output, String errors) {
        public boolean isSuccess() {
            return exitCode == 0;
        }

        /** Itself, if it succeeded. */
        public Result orThrow() throws PostgresException {
            if (!isSuccess()) {
                throw new PostgresException(describe());
            }
            return this;
        }

        /** One line for people: the exit code and the last of what it said. */
        public String describe() {
            String said = (errors.isBlank() ? output : errors).strip();
            String last = said.length() > 1_000 ? "... " + said.substring(said.length() - 1_000) : said;
            return name + " ended with " + exitCode + (last.isEmpty() ? "" : ": " + last.replace('\n', ' '));
        }
    }

    /** One of PostgreSQL's programs. */
    public Command command(String program, List<String> arguments, Duration timeout) {
        List<String> argv = new ArrayList<>();
        argv.add(program(program).toString());
        argv.addAll(arguments);
        return Command.of(program, argv, timeout);
    }

    /** Runs one of PostgreSQL's programs to its end; see {@link #run(Command)}. */
    public Result run(String program, List<String> arguments, Duration timeout)
            throws PostgresException, InterruptedException {
        return run(command(program, arguments, timeout));
    }

    /**
     * Runs a command to its end. Blocks at most its timeout plus a few seconds.
     *
     * @throws PostgresException if it could not be started, or was killed because it took too long
     * @throws InterruptedException if this thread was interrupted; the child and its descendants were killed before
     */
    public Result run(Command command) throws PostgresException, InterruptedException {
        Process process = start(command);
        var lastOutput = new AtomicLong(System.nanoTime());
        var output = new BoundedText(OUTPUT_LIMIT);
        var errors = new BoundedText(OUTPUT_LIMIT);
        Thread out = reader(command.name() + "-out", process.getInputStream(), output, command.onOutput(), lastOutput);
        Thread err = reader(command.name() + "-err", process.getErrorStream(), errors, command.onError(), lastOutput);
        boolean ended = false;
        try {
            awaitEnd(process, command, lastOutput);
            ended = true;
            // A grandchild may hold the pipes open for ever; what was said until now is enough then.
            out.join(KILL_AFTER_MS);
            err.join(KILL_AFTER_MS);
            return new Result(command.name(), process.exitValue(), output.text(), errors.text());
        } finally {
            if (!ended) {
                kill(process);
            }
            closeQuietly(process.getInputStream());
            closeQuietly(process.getErrorStream());
        }
    }

    private Process start(Command command) throws PostgresException {
        List<String> argv = new ArrayList<>(commandPrefix);
        argv.addAll(command.argv());
        var builder = new ProcessBuilder(argv);
        // Any directory of the agent's might vanish or be closed to the other OS user.
        builder.directory(Path.of("/").toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(PostgresTools::isUnwanted);
        environment.put("LC_ALL", "C");
        passwordFile.ifPresent(file -> environment.put("PGPASSFILE", file.toString()));
        environment.putAll(command.environment());
        try {
            Process process = builder.start();
            closeQuietly(process.getOutputStream());
            return process;
        } catch (IOException e) {
            throw new PostgresException("could not start " + command.argv().get(0), e);
        }
    }

    private static boolean isUnwanted(String variable) {
        return LIBPQ.contains(variable)
                || variable.startsWith("PGSSL")
                || variable.startsWith("LC_")
                || variable.startsWith("PATRONI_")
                || variable.startsWith("MATRIARCH_")
                || variable.equals("LANG")
                || variable.equals("LANGUAGE");
    }

    private static void awaitEnd(Process process, Command command, AtomicLong lastOutput)
            throws PostgresException, InterruptedException {
        long deadline = System.nanoTime() + command.timeout().toNanos();
        while (true) {
            long now = System.nanoTime();
            if (now - deadline >= 0) {
                throw new PostgresException(
                        command.name() + " did not end within " + command.timeout() + " and was killed");
            }
            if (command.stallTimeout()
                    .filter(limit -> now - lastOutput.get() > limit.toNanos())
                    .isPresent()) {
                throw new PostgresException(command.name() + " made no progress for "
                        + command.stallTimeout().orElseThrow() + " and was killed");
            }
            Optional<String> reason = command.abort().get();
            if (reason.isPresent()) {
                throw new PostgresException(command.name() + " was ended: " + reason.get());
            }
            long waitMs = TimeUnit.NANOSECONDS.toMillis(deadline - now) + 1;
            if (process.waitFor(
                    command.isWatched() ? Math.min(waitMs, LOOK_EVERY_MS) : waitMs, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    /** SIGTERM to the child and all its descendants, SIGKILL to what is left; waits until the child is gone, bounded. */
    static void kill(Process process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        family.forEach(ProcessHandle::destroy);
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KILL_AFTER_MS);
        for (ProcessHandle member : family) {
            interrupted |= awaitGone(member, deadline);
        }
        family.forEach(ProcessHandle::destroyForcibly);
        long last = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KILL_AFTER_MS);
        interrupted |= awaitGone(process.toHandle(), last);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether the wait was interrupted */
    private static boolean awaitGone(ProcessHandle handle, long deadline) {
        boolean interrupted = false;
        while (handle.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                handle.onExit().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                break;
            }
        }
        return interrupted;
    }

    private static Thread reader(
            String name, InputStream from, BoundedText into, Consumer<String> lines, AtomicLong lastOutput) {
        return Thread.ofPlatform().daemon().name("matriarch-" + name).start(() -> {
            var line = new StringBuilder();
            var buffer = new char[8 * 1024];
            try (Reader in = new InputStreamReader(from, StandardCharsets.UTF_8)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    lastOutput.set(System.nanoTime());
                    into.append(new String(buffer, 0, n));
                    splitLines(buffer, n, line, lines);
                }
            } catch (IOException e) {
                // The stream was closed because the child is gone; what was read is kept.
            }
            if (!line.isEmpty()) {
                lines.accept(line.toString());
            }
        });
    }

    private static void splitLines(char[] buffer, int length, StringBuilder line, Consumer<String> lines) {
        for (int i = 0; i < length; i++) {
            char c = buffer[i];
            if (c == '\n' || c == '\r') {
                if (!line.isEmpty()) {
                    lines.accept(line.toString());
                    line.setLength(0);
                }
            } else if (line.length() < OUTPUT_LIMIT) {
                line.append(c);
            }
        }
    }

    private static void closeQuietly(java.io.Closeable stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // Nothing can be lost: the child's stdin is not used, and its output was read.
        }
    }
}
