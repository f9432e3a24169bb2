package io.matriarch.ha.adapter.etcd;

import io.matriarch.ha.adapter.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A real etcd of one member on loopback, in a directory that goes with it. */
final class EtcdProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);

    private final Path directory;
    private final URI endpoint;
    private final List<String> command;
    private final List<String> ctlOptions;
    private Process process;

    private EtcdProcess(Path directory, URI endpoint, List<String> command, List<String> ctlOptions)
            throws IOException {
        this.directory = directory;
        this.endpoint = endpoint;
        this.command = command;
        this.ctlOptions = ctlOptions;
        this.process = run();
    }

    static boolean installed() {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(dir -> Files.isExecutable(Path.of(dir, "etcd")));
    }

    /** Starts it and waits until it takes connections. */
    static EtcdProcess start() throws IOException {
        return start("http", List.of(), List.of());
    }

    /**
     * @param scheme of the client endpoint
     * @param options more options of etcd
     * @param ctlOptions more options of etcdctl
     */
    static EtcdProcess start(String scheme, List<String> options, List<String> ctlOptions) throws IOException {
        Path directory = Files.createTempDirectory("matriarch-etcd");
        String client = scheme + "://127.0.0.1:" + FreePort.take();
        String peer = "http://127.0.0.1:" + FreePort.take();
        List<String> command = new ArrayList<>(List.of("etcd", "--name", "one"));
        command.addAll(List.of("--data-dir", directory.resolve("data").toString()));
        command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
        command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
        command.addAll(List.of("--initial-cluster", "one=" + peer));
        command.addAll(List.of("--heartbeat-interval", "100", "--election-timeout", "500"));
        command.addAll(List.of("--unsafe-no-fsync", "--logger", "zap", "--log-level", "error"));
        command.addAll(options);
        var started = new EtcdProcess(directory, URI.create(client), command, ctlOptions);
        started.awaitListening();
        return started;
    }

    private Process run() throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!listens()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IOException(endpoint + " does not listen: " + Files.readString(directory.resolve("log")));
            }
            // Nothing tells us when another program listens.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private boolean listens() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.getPort()), 1_000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** Kills it and starts it again on the same data. A client that calls too early waits itself. */
    void restart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        process = run();
    }

    URI endpoint() {
        return endpoint;
    }

    /** Runs etcdctl and gives what it said. */
    String ctl(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoint));
        all.addAll(ctlOptions);
        all.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put("ETCDCTL_API", "3");
        Process run = builder.start();
        String output = new String(run.getInputStream().readAllBytes());
        if (run.waitFor() != 0) {
            throw new IOException(all + ": " + output);
        }
        return output;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
