package io.matriarch.tests.support;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process of ours that runs until it is stopped; what it says goes to a file. */
public final class Daemon {
    private final String name;
    private final Process process;

    private Daemon(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    /** Starts the command; its output is appended to the log. */
    public static Daemon start(String name, List<String> command, Map<String, String> environment, Path log) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().putAll(environment);
        try {
            return new Daemon(name, builder.start());
        } catch (IOException e) {
            throw new IllegalStateException("cannot start " + name + ": " + command, e);
        }
    }

    /** The process id; as launchers exec, it stays the same. */
    public long pid() {
        return process.pid();
    }

    public boolean running() {
        return process.isAlive();
    }

    /** Sends a signal, if the process still runs. */
    public void signal(String signal) {
        if (process.isAlive()) {
            Signals.send(signal, process.pid());
        }
    }

    /** Blocks until the process ended and gives its exit code. */
    public int awaitExit(Duration limit) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError(name + " (pid " + process.pid() + ") did not end within " + limit.toMillis() + " ms");
    }

    /** Kills the process and waits until it is gone; harmless when it is. */
    public void kill() {
        signal("KILL");
        signal("CONT");
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the process to end, waits, and kills it when it does not. */
    public void stop(Duration limit) {
        signal("CONT");
        signal("TERM");
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }
}
