package io.matriarch.ha.adapter.etcd;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How to reach etcd.
 *
 * @param endpoints {@code http://host:port} or {@code https://host:port}, at least one
 * @param login for etcd's own authentication
 * @param tls files for {@code https} endpoints
 */
public record EtcdSettings(List<URI> endpoints, Optional<Login> login, Tls tls) {
    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no etcd endpoint is configured");
        }
        endpoints.forEach(EtcdSettings::check);
    }

    private static void check(URI endpoint) {
        boolean scheme = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        if (!scheme || endpoint.getHost() == null || endpoint.getPort() < 1) {
            throw new IllegalArgumentException("an etcd endpoint has the form http(s)://host:port, not " + endpoint);
        }
    }

    /** Plain text, without authentication. */
    public static EtcdSettings plain(List<URI> endpoints) {
        return new EtcdSettings(endpoints, Optional.empty(), Tls.SYSTEM);
    }

    /** User and password; the password never shows. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user + ":********";
        }
    }

    /**
     * PEM files.
     *
     * @param cacert authorities to trust; empty: the system's
     * @param cert our certificate; empty: we present none
     * @param key its key; empty: it stands in {@code cert}
     */
    public record Tls(Optional<Path> cacert, Optional<Path> cert, Optional<Path> key) {
        public static final Tls SYSTEM = new Tls(Optional.empty(), Optional.empty(), Optional.empty());
    }
}
