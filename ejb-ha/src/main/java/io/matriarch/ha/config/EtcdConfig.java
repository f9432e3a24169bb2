package io.matriarch.ha.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Section {@code etcd3} (or {@code etcd}).
 *
 * @param endpoints {@code http(s)://host:port}; empty only if {@code srv} is set
 * @param srv domain whose SRV records name the endpoints
 * @param srvSuffix suffix of the SRV service names
 * @param useProxies keep to the given endpoints, do not ask etcd for its members
 * @param https whether SRV endpoints are reached by TLS
 * @param credentials for etcd's own authentication
 * @param cacert authorities to trust; empty: the system's
 * @param cert client certificate
 * @param key its key; empty: it stands in {@code cert}
 */
public record EtcdConfig(
        List<URI> endpoints,
        Optional<String> srv,
        Optional<String> srvSuffix,
        boolean useProxies,
        boolean https,
        Optional<BasicCredentials> credentials,
        Optional<Path> cacert,
        Optional<Path> cert,
        Optional<Path> key) {

    public EtcdConfig {
        endpoints = List.copyOf(endpoints);
    }
}
