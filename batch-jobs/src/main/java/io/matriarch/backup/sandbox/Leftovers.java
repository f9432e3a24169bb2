package io.matriarch.backup.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What jobs of a manager that was killed left in its work directory. Nobody works there but the one process that holds the state directory, so
 * what is found at its start is of a dead one.
 *
 * @param found sandboxes, half filled and half read things, with all in them
 */
public record Leftovers(List<Path> found) {
    private static final Logger LOG = Logger.getLogger("io.matriarch.backup");
    private static final Pattern OF_JOBS = Pattern.compile("(verify|staging|look|gone)-.+|[0-9A-F]{24}.*\\.check");
    private static final Path SOCKETS = Path.of("/tmp");
    private static final Pattern SOCKET = Pattern.compile("mtv[A-Za-z0-9]{6}");
    /** In a sandbox: a link to the directory of its socket, which lies elsewhere. */
    private static final String LINK = "socket";

    private static final Duration SHUTDOWN = Duration.ofSeconds(20);
    private static final Duration REMOVAL = Duration.ofHours(6);

    public Leftovers {
        found = List.copyOf(found);
    }

    /** Looks what is there; to be called before any job can start. */
    public static Leftovers in(Path work) {
        if (!Files.isDirectory(work)) {
            return new Leftovers(List.of());
        }
        try (Stream<Path> all = Files.list(work)) {
            return new Leftovers(all.filter(f -> !Files.isSymbolicLink(f))
                    .filter(f ->
                            OF_JOBS.matcher(String.valueOf(f.getFileName())).matches())
                    .sorted()
                    .toList());
        } catch (IOException | UncheckedIOException e) {
            LOG.errorf("[leftovers-stay] %s cannot be read: %s", work, e.getMessage());
            return new Leftovers(List.of());
        }
    }

    /** Leaves word where a sandbox's socket is, for whoever finds the sandbox without its manager. */
    static void remember(Path home, Path socket) throws IOException {
        Files.createSymbolicLink(home.resolve(LINK), socket);
    }

    /**
     * Stops servers that still run there and gives the names free: a new sandbox may have that of an old one. What cannot be set aside is
     * logged and left. Blocks for as long as the servers take to end.
     *
     * @return what is to be removed
     */
    public Leftovers setAside() {
        var aside = new ArrayList<Path>();
        for (Path folder : found) {
            try {
                int servers = stopServers(folder);
                var socket = socket(folder);
                if (socket.isPresent()) {
                    remove(socket.get());
                }
                aside.add(Files.move(folder, folder.resolveSibling("gone-" + UUID.randomUUID())));
                LOG.infof(
                        "[leftovers-found] %s of a job that did not live to its end%s",
                        folder, servers == 0 ? "" : "; PostgreSQL still ran there and was stopped");
            } catch (IOException | RuntimeException e) {
                LOG.errorf("[leftovers-stay] %s: %s", folder, e);
            }
        }
        return new Leftovers(aside);
    }

    /** Removes it. Blocks as long as the file system does, which may be long for a whole cluster. */
    public void remove() {
        for (Path folder : found) {
            try {
                remove(folder);
            } catch (IOException e) {
                LOG.errorf("[leftovers-stay] %s: %s", folder, e.getMessage());
            }
        }
    }

    private static void remove(Path path) throws IOException {
        new Programs(name -> name, List.of()).must(List.of("rm", "-rf", path.toString()), Path.of("/"), REMOVAL);
    }

    private static Optional<Path> socket(Path folder) throws IOException {
        Path link = folder.resolve(LINK);
        if (!Files.isSymbolicLink(link)) {
            return Optional.empty();
        }
        Path target = Files.readSymbolicLink(link);
        boolean ours = SOCKETS.equals(target.getParent())
                && SOCKET.matcher(String.valueOf(target.getFileName())).matches();
        return ours ? Optional.of(target) : Optional.empty();
    }

    /** @return how many processes there were */
    private static int stopServers(Path folder) throws IOException {
        var servers = servers(folder.toRealPath());
        servers.forEach(ProcessHandle::destroy);
        if (!ended(servers)) {
            servers.forEach(ProcessHandle::destroyForcibly);
            if (!ended(servers)) {
                throw new IOException("PostgreSQL runs in it and does not end: processes "
                        + servers.stream().map(ProcessHandle::pid).toList());
            }
        }
        return servers.size();
    }

    /** Positive evidence only: it runs PostgreSQL's program, and works in that directory. A number in a file is none. */
    private static Set<ProcessHandle> servers(Path folder) {
        var found = new LinkedHashSet<ProcessHandle>();
        ProcessHandle.allProcesses()
                .filter(process -> at(process, "exe")
                        .filter(exe -> exe.endsWith("postgres"))
                        .isPresent())
                .filter(process -> at(process, "cwd")
                        .filter(directory -> directory.startsWith(folder))
                        .isPresent())
                .forEach(found::add);
        return found;
    }

    /** Empty for what is gone, or is another user's. */
    private static Optional<Path> at(ProcessHandle process, String link) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), link)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean ended(Set<ProcessHandle> processes) throws IOException {
        var ends = new ArrayList<CompletableFuture<ProcessHandle>>();
        processes.forEach(process -> ends.add(process.onExit()));
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(SHUTDOWN.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException("waiting for the end of " + processes, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the end of " + processes, e);
        }
    }
}
