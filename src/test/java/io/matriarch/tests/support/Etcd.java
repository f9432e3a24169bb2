package io.matriarch.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A real etcd cluster of one or three members, each of which can be stopped, killed, frozen and started again. */
public final class Etcd implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final Pattern LEASE = Pattern.compile("\"Lease\" : (\\d+)");
    private static final Pattern GRANTED = Pattern.compile("TTL\\((\\d+)s\\)");

    /** One etcd process. */
    public static final class Node {
        private final String name;
        private final Host host;
        private final int clientPort;
        private final int peerPort;
        private final Path directory;
        private Optional<Daemon> process = Optional.empty();

        Node(String name, Host host, Path directory) {
            this.name = name;
            this.host = host;
            this.clientPort = host.port(Host.Service.ETCD_CLIENT);
            this.peerPort = host.port(Host.Service.ETCD_PEER);
            this.directory = directory;
        }

        public String name() {
            return name;
        }

        /** {@code host:port} for clients. */
        public String endpoint() {
            return host.address() + ":" + clientPort;
        }

        private String peerUrl() {
            return "http://" + host.address() + ":" + peerPort;
        }

        private void start(String initialCluster) {
            List<String> command = new ArrayList<>(List.of("etcd", "--name", name));
            command.addAll(List.of("--data-dir", directory.resolve(name).toString()));
            command.addAll(List.of("--listen-client-urls", "http://" + endpoint()));
            command.addAll(List.of("--advertise-client-urls", "http://" + endpoint()));
            command.addAll(List.of("--listen-peer-urls", peerUrl()));
            command.addAll(List.of("--initial-advertise-peer-urls", peerUrl()));
            command.addAll(List.of("--initial-cluster", initialCluster));
            // A dead etcd leader is replaced in well under the shortest ttl.
            command.addAll(List.of("--heartbeat-interval", "100", "--election-timeout", "500"));
            command.addAll(List.of("--logger", "zap", "--log-level", "warn"));
            process = Optional.of(
                    Daemon.start("etcd " + name, host.on(command), Map.of(), directory.resolve(name + ".log")));
        }

        public void kill() {
            process.ifPresent(Daemon::kill);
        }

        public void freeze() {
            process.ifPresent(p -> p.signal("STOP"));
        }

        public void thaw() {
            process.ifPresent(p -> p.signal("CONT"));
        }

        private void stop() {
            process.ifPresent(p -> p.stop(STOP_LIMIT));
        }

        private boolean running() {
            return process.map(Daemon::running).orElse(false);
        }

        private boolean leads() throws IOException {
            Http.Answer answer = host.http()
                    .send(
                            "POST",
                            "http://" + endpoint() + "/v3/maintenance/status",
                            Optional.of("{}"),
                            Duration.ofSeconds(2));
            if (!(answer.json() instanceof Map<?, ?> status) || !(status.get("header") instanceof Map<?, ?> header)) {
                return false;
            }
            return String.valueOf(status.get("leader")).equals(String.valueOf(header.get("member_id")));
        }

        private boolean healthy() throws IOException {
            Http.Answer answer = host.http()
                    .send("GET", "http://" + endpoint() + "/health", Optional.empty(), Duration.ofSeconds(2));
            return answer.status() == 200 && answer.body().contains("true");
        }
    }

    private final List<Node> nodes;

    private Etcd(List<Node> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /** Starts one member on each host and waits until all are healthy. */
    public static Etcd start(Path directory, List<Host> hosts) {
        List<Node> nodes = new ArrayList<>();
        for (Host host : hosts) {
            nodes.add(new Node("etcd" + (nodes.size() + 1), host, directory));
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new IllegalStateException("cannot create " + directory, e);
        }
        Etcd etcd = new Etcd(nodes);
        etcd.startAll();
        return etcd;
    }

    public List<Node> nodes() {
        return nodes;
    }

    /** The members' client endpoints, {@code host:port}. */
    public List<String> endpoints() {
        return nodes.stream().map(Node::endpoint).toList();
    }

    /** Starts the members that do not run, thaws the frozen ones, and waits until all are healthy. */
    public void startAll() {
        String initial = nodes.stream().map(n -> n.name() + "=" + n.peerUrl()).collect(Collectors.joining(","));
        nodes.stream().filter(n -> !n.running()).forEach(n -> n.start(initial));
        nodes.forEach(Node::thaw);
        Eventually.find("all etcd members healthy", Duration.ofSeconds(60), () -> {
            for (Node node : nodes) {
                if (!node.healthy()) {
                    return Eventually.Look.missing(node.name() + " is not healthy");
                }
            }
            return Eventually.Look.found(true);
        });
    }

    /** Stops all members cleanly; their data stays. */
    public void stopAll() {
        nodes.forEach(n -> n.process.ifPresent(p -> p.signal("TERM")));
        nodes.forEach(Node::stop);
    }

    /** The etcd member that leads the etcd cluster now. */
    public Node leader() {
        return Eventually.find("an etcd leader", Duration.ofSeconds(30), () -> {
            for (Node node : nodes) {
                if (node.running() && node.leads()) {
                    return Eventually.Look.found(node);
                }
            }
            return Eventually.Look.missing("no member says that it leads");
        });
    }

    /** The value of a key as text, empty when the key is absent. */
    public String value(String key) {
        return etcdctl("get", "--print-value-only", key).strip();
    }

    /** All keys that begin with the prefix, with their values, which are one line each. */
    public Map<String, String> values(String prefix) {
        String[] lines = etcdctl("get", "--prefix", prefix).split("\n");
        Map<String, String> found = new TreeMap<>();
        for (int i = 0; i + 1 < lines.length; i += 2) {
            found.put(lines[i], lines[i + 1]);
        }
        return found;
    }

    /** The ttl that the lease of a key was granted with, in seconds; 0 when the key has none. */
    public int grantedTtl(String key) {
        String found = etcdctl("get", "-w", "fields", key);
        Matcher lease = LEASE.matcher(found);
        if (!lease.find() || lease.group(1).equals("0")) {
            return 0;
        }
        Matcher granted =
                GRANTED.matcher(etcdctl("lease", "timetolive", Long.toHexString(Long.parseLong(lease.group(1)))));
        return granted.find() ? Integer.parseInt(granted.group(1)) : 0;
    }

    /** Writes a key. */
    public void put(String key, String value) {
        etcdctl("put", key, value);
    }

    /** Removes a key, whoever wrote it. */
    public void delete(String key) {
        etcdctl("del", key);
    }

    private String etcdctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "ETCDCTL_API=3", "etcdctl"));
        command.add("--endpoints=" + String.join(",", endpoints()));
        command.addAll(List.of(arguments));
        return Command.run(nodes.get(0).host.on(command));
    }

    @Override
    public void close() {
        stopAll();
    }
}
