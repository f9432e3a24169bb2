package io.matriarch.ha.adapter.fence;

import io.matriarch.ha.port.FenceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The fence as an operating-system process: starting one, and killing one that does not answer. */
final class FenceProcess {
    /** Exit status of a fence that found another one of this directory alive. */
    private static final int ALREADY_RUNS = 3;

    /** How long SIGQUIT may take before SIGKILL; the same as the fence's own grace. */
    private static final Duration GRACE = Duration.ofMillis(200);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    /** What PostgreSQL inherits through the fence; secrets and settings of the agent and its JVM do not belong there. */
    private static final Set<String> INHERITED =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH");

    private final FenceSettings settings;

    FenceProcess(FenceSettings settings) {
        this.settings = settings;
    }

    /**
     * Starts a fence that outlives this JVM, and blocks until it listens; returns at once when one runs already.
     *
     * @throws FenceException the program said why it did not start, or took longer than {@code startWithin}
     */
    void start() throws FenceException {
        var builder = new ProcessBuilder(
                        settings.program().toString(),
                        "--dir",
                        settings.directory().toString(),
                        "--name",
                        settings.member().value())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(key -> !INHERITED.contains(key) && !key.startsWith("LC_"));
        try {
            Process launcher = builder.start();
            try {
                if (!launcher.waitFor(settings.startWithin().toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new FenceException("the fence was not ready within " + settings.startWithin(), true);
                }
                // The fence lets go of this pipe before the launcher ends, so that reading ends too.
                String said = new String(launcher.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
                if (launcher.exitValue() != 0 && launcher.exitValue() != ALREADY_RUNS) {
                    throw new FenceException("the fence did not start: " + said, false);
                }
            } finally {
                launcher.destroyForcibly();
            }
        } catch (IOException e) {
            throw new FenceException("cannot run " + settings.program(), false, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FenceException("interrupted while the fence started", true, e);
        }
    }

    /**
     * Kills the fence by SIGKILL; the kernel then sends SIGQUIT to its postmaster. What that does not reach (a frozen postmaster) is
     * killed after the grace. Blocks until the fence and all that descended from it are gone.
     *
     * @throws FenceException something is left after {@code startWithin}
     */
    void kill() throws FenceException {
        Optional<ProcessHandle> fence = find();
        if (fence.isEmpty()) {
            return;
        }
        var family = new ArrayList<>(fence.get().descendants().toList());
        fence.get().destroyForcibly();
        family.add(fence.get());
        long began = System.nanoTime();
        List<ProcessHandle> left = alive(family);
        while (!left.isEmpty()) {
            long elapsed = System.nanoTime() - began;
            if (elapsed > settings.startWithin().toNanos()) {
                throw new FenceException(
                        "processes of a killed fence are left: "
                                + left.stream().map(ProcessHandle::pid).toList(),
                        true);
            }
            if (elapsed > GRACE.toNanos()) {
                left.stream()
                        .flatMap(p -> Stream.concat(Stream.of(p), p.descendants()))
                        .forEach(ProcessHandle::destroyForcibly);
            }
            pause();
            left = alive(family);
        }
    }

    /** The live fence of this directory, if its pid file names one. */
    private Optional<ProcessHandle> find() throws FenceException {
        try {
            String text = Files.readString(settings.pidFile()).strip();
            if (text.isEmpty()) {
                return Optional.empty();
            }
            long pid = Long.parseLong(text);
            Optional<ProcessHandle> handle = ProcessHandle.of(pid);
            // The number may be another process's by now; the fence has a title of its own.
            String title = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return title.contains("matriarch-fence") ? handle : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | NumberFormatException e) {
            throw new FenceException("cannot find the fence by " + settings.pidFile(), true, e);
        }
    }

    /** A zombie is not alive: it can do nothing any more, however late its parent is to reap it. */
    private static List<ProcessHandle> alive(List<ProcessHandle> family) {
        return family.stream()
                .filter(ProcessHandle::isAlive)
                .filter(p -> !isZombie(p.pid()))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X';
        } catch (IOException e) {
            return true;
        }
    }

    private static void pause() throws FenceException {
        try {
            Thread.sleep(LOOK_AGAIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FenceException("interrupted while a fence was killed", true, e);
        }
    }
}
