package io.matriarch.tests.support;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hosts of their own: network namespaces that hang on a switch, which is a bridge in one more namespace. Nothing of
 * it is
 * visible in the machine's own network. A cut is silent: packets vanish, nobody gets a reset.
 */
public final class Network implements AutoCloseable {
    private static final String FAMILY = "mtn";
    private static final String PREFIX = FAMILY + ProcessHandle.current().pid();
    private static final Pattern OURS = Pattern.compile(FAMILY + "(\\d+)[hsx]\\d*");
    private static final String SWITCH = PREFIX + "s";
    private static final String BRIDGE = "br0";

    private final List<NamespaceHost> hosts = new ArrayList<>();

    /** One namespace with one address. */
    private static final class NamespaceHost implements Host {
        private final String namespace;
        private final String port;
        private final String address;
        private final Http http = Http.from(this);

        NamespaceHost(int number) {
            namespace = PREFIX + "h" + number;
            port = "p" + number;
            address = "10.77.0." + number;
        }

        @Override
        public String address() {
            return address;
        }

        @Override
        public List<String> on(List<String> command) {
            List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            inside.addAll(command);
            return inside;
        }

        @Override
        public int port(Service service) {
            return service.usual;
        }

        @Override
        public Http http() {
            return http;
        }

        @Override
        public boolean bySocket() {
            return true;
        }
    }

    private Network() {}

    /** Whether this user may create network namespaces here. */
    public static boolean possible() {
        String probe = PREFIX + "x";
        boolean created = Command.tryRun(List.of("ip", "netns", "add", probe)).code() == 0;
        if (created) {
            Command.tryRun(List.of("ip", "netns", "del", probe));
        }
        return created;
    }

    /** Creates that many hosts, all connected. */
    public static Network create(int count) {
        Network network = new Network();
        try {
            removeLeftovers();
            OnExit.add(network::close);
            Command.run("ip", "netns", "add", SWITCH);
            Command.run("ip", "-n", SWITCH, "link", "add", BRIDGE, "type", "bridge");
            Command.run("ip", "-n", SWITCH, "link", "set", BRIDGE, "up");
            for (int number = 1; number <= count; number++) {
                network.addHost(new NamespaceHost(number));
            }
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** The namespaces of a run that was killed, and what still runs in them; those of a run that lives are left alone. */
    private static void removeLeftovers() {
        Command.run("ip", "netns", "list").lines().forEach(line -> {
            String namespace = line.split(" ")[0];
            Matcher ours = OURS.matcher(namespace);
            long owner = ours.matches() ? Long.parseLong(ours.group(1)) : 0;
            if (ours.matches() && (owner == ProcessHandle.current().pid() || !Signals.alive(owner))) {
                List<Long> left = Command.run("ip", "netns", "pids", namespace)
                        .lines()
                        .map(Long::valueOf)
                        .toList();
                Signals.send("KILL", left);
                Command.tryRun(List.of("ip", "netns", "del", namespace));
            }
        });
    }

    private void addHost(NamespaceHost host) {
        hosts.add(host);
        Command.run("ip", "netns", "add", host.namespace);
        Command.run(
                "ip",
                "-n",
                SWITCH,
                "link",
                "add",
                host.port,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                host.namespace);
        Command.run("ip", "-n", SWITCH, "link", "set", host.port, "master", BRIDGE, "up");
        Command.run("ip", "-n", host.namespace, "link", "set", "lo", "up");
        Command.run("ip", "-n", host.namespace, "addr", "add", host.address + "/24", "dev", "eth0");
        Command.run("ip", "-n", host.namespace, "link", "set", "eth0", "up");
    }

    /** The hosts in the order of their numbers. */
    public List<Host> hosts() {
        return List.copyOf(hosts);
    }

    /** Takes the host off the switch: it reaches nobody and nobody reaches it. Gives the moment. */
    public long cutOff(Host host) {
        long at = System.nanoTime();
        Command.run("ip", "-n", SWITCH, "link", "set", portOf(host), "nomaster");
        return at;
    }

    /** These hosts no longer reach each other; everybody else still reaches them. Gives the moment. */
    public long separate(List<Host> apart) {
        long at = System.nanoTime();
        for (Host host : apart) {
            isolate(portOf(host), "on");
        }
        return at;
    }

    /** Everybody reaches everybody again. */
    public void reconnectAll() {
        for (NamespaceHost host : hosts) {
            Command.run("ip", "-n", SWITCH, "link", "set", host.port, "master", BRIDGE);
            isolate(host.port, "off");
        }
    }

    private static void isolate(String port, String onOrOff) {
        Command.run("ip", "-n", SWITCH, "link", "set", "dev", port, "type", "bridge_slave", "isolated", onOrOff);
    }

    private String portOf(Host host) {
        return hosts.stream()
                .filter(h -> h == host)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not a host of this network: " + host.address()))
                .port;
    }

    /** Removes all namespaces; what still runs in them keeps running, so stop it before. */
    @Override
    public void close() {
        hosts.forEach(h -> Command.tryRun(List.of("ip", "netns", "del", h.namespace)));
        Command.tryRun(List.of("ip", "netns", "del", SWITCH));
        hosts.clear();
    }
}
