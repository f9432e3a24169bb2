package io.matriarch.ha.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A host and a port.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

    private static final Set<String> ANY = Set.of("*", "0.0.0.0", "::");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\\.?|\\*");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 =
            Pattern.compile("(?=[^:]*:[^:]*:)[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?");

    public HostPort {
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("not a host and a port: " + host + ":" + port);
        }
    }

    /** Reads {@code host:port}, {@code [ipv6]:port} or, if {@code defaultPort} is not 0, a bare host. */
    public static Optional<HostPort> parse(String text, int defaultPort) {
        String host = text.strip();
        int port = defaultPort;
        int colon = host.lastIndexOf(':');
        boolean bareIpv6 = host.indexOf(':') != colon && !host.contains("]");
        if (colon > host.lastIndexOf(']') && !(bareIpv6 && defaultPort != 0)) {
            String digits = host.substring(colon + 1);
            if (!digits.matches("[0-9]{1,5}")) {
                return Optional.empty();
            }
            port = Integer.parseInt(digits);
            host = host.substring(0, colon);
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return isHost(host) && port >= 1 && port <= 65535 ? Optional.of(new HostPort(host, port)) : Optional.empty();
    }

    static boolean isHost(String host) {
        if (NUMBERS.matcher(host).matches()) {
            return IPV4.matcher(host).matches();
        }
        return host.length() <= 253 && (HOST.matcher(host).matches() || isIpv6(host));
    }

    /** The pattern keeps names out, so that nothing here asks a name server. */
    private static boolean isIpv6(String host) {
        if (!IPV6.matcher(host).matches()) {
            return false;
        }
        try {
            return new URI("http://[" + host + "]:1").getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** True for {@code *}, {@code 0.0.0.0} and {@code ::}, which can be listened on but not connected to. */
    public boolean isAnyAddress() {
        return ANY.contains(host);
    }

    /** The host as a listener takes it, which knows no {@code *}. */
    public String bindable() {
        return host.equals("*") ? "0.0.0.0" : host;
    }

    /** True for an address that only this machine can reach. */
    public boolean isLoopback() {
        return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
