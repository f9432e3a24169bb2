package io.matriarch.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A real HAProxy in front of a cluster, with the checks that Patroni's documentation tells people to use. */
public final class Haproxy implements AutoCloseable {
    private final Daemon process;
    private final Endpoint writes;
    private final Endpoint reads;

    private Haproxy(Daemon process, Endpoint writes, Endpoint reads) {
        this.process = process;
        this.writes = writes;
        this.reads = reads;
    }

    /**
     * Starts it.
     *
     * @param method of the health checks: {@code OPTIONS} (HTTP/1.0 without a Host header) or {@code HEAD}
     */
    public static Haproxy before(MatriarchCluster cluster, String method) {
        int forWrites = Ports.free();
        int forReads = Ports.free();
        Path file = cluster.directory().resolve("haproxy-" + forWrites + ".cfg");
        String text =
                """
                global
                    maxconn 100
                defaults
                    log global
                    mode tcp
                    retries 2
                    timeout client 30m
                    timeout connect 4s
                    timeout server 30m
                    timeout check 5s
                """ + listen("primary", forWrites, method, cluster) + listen("replica", forReads, method, cluster);
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IllegalStateException("cannot write " + file, e);
        }
        Daemon process = Daemon.start(
                "haproxy",
                List.of("haproxy", "-db", "-f", file.toString()),
                // Debian keeps it where only root's PATH looks.
                Map.of("PATH", System.getenv("PATH") + ":/usr/sbin:/sbin"),
                cluster.directory().resolve("haproxy.log"));
        return new Haproxy(
                process,
                Endpoint.tcp("haproxy", "127.0.0.1", forWrites),
                Endpoint.tcp("haproxy", "127.0.0.1", forReads));
    }

    private static String listen(String role, int port, String method, MatriarchCluster cluster) {
        String servers = cluster.members().stream()
                .map(m -> "    server %1$s %2$s:%3$d maxconn 100 check port %4$d%n"
                        .formatted(m.name(), m.host().address(), m.postgresPort(), m.restPort()))
                .collect(Collectors.joining());
        return """
                listen %1$s
                    bind 127.0.0.1:%2$d
                    option httpchk %3$s /%1$s
                    http-check expect status 200
                    default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions
                %4$s""".formatted(role, port, method, servers);
    }

    /** How long it takes at most to see that one server failed and another is up: three checks, one of them under way. */
    public static Duration notices() {
        return Duration.ofSeconds(9);
    }

    /** Goes to the primary. */
    public Endpoint writes() {
        return writes;
    }

    /** Goes to one of the replicas. */
    public Endpoint reads() {
        return reads;
    }

    @Override
    public void close() {
        process.stop(Duration.ofSeconds(5));
    }
}
