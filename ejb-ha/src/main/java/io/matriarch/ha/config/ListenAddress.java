package io.matriarch.ha.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One or more hosts to listen on, and their one port.
 *
 * @param hosts at least one; {@code *} and {@code 0.0.0.0} mean all addresses
 * @param port 1 to 65535
 */
public record ListenAddress(List<String> hosts, int port) {

    public ListenAddress {
        hosts = List.copyOf(hosts);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("no host to listen on");
        }
    }

    /** Reads {@code host[,host...][:port]}. */
    static Optional<ListenAddress> parse(String text, int defaultPort) {
        String[] parts = text.split(",", -1);
        Optional<HostPort> last = HostPort.parse(parts[parts.length - 1], defaultPort);
        if (last.isEmpty()) {
            return Optional.empty();
        }
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < parts.length - 1; i++) {
            String host = parts[i].strip();
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            if (!HostPort.isHost(host)) {
                return Optional.empty();
            }
            hosts.add(host);
        }
        hosts.add(last.get().host());
        return Optional.of(new ListenAddress(hosts, last.get().port()));
    }

    /** The first host; what local connections use unless it means all addresses. */
    public HostPort first() {
        return new HostPort(hosts.get(0), port);
    }

    /** The address for connections from this machine: loopback if all addresses are listened on. */
    public HostPort local() {
        HostPort first = first();
        if (!first.isAnyAddress()) {
            return first;
        }
        return new HostPort(first.host().equals("::") ? "::1" : "127.0.0.1", port);
    }

    @Override
    public String toString() {
        return String.join(",", hosts) + ":" + port;
    }
}
