package io.matriarch.ha.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads section {@code etcd3}, or {@code etcd} if there is no other. */
final class EtcdReader {

    private static final int DEFAULT_PORT = 2379;
    private static final List<String> OTHER_STORES = List.of("consul", "zookeeper", "exhibitor", "kubernetes", "raft");

    private final Section section;
    private final Machine machine;
    private final List<URI> endpoints = new ArrayList<>();
    private Optional<BasicCredentials> fromUrl = Optional.empty();

    private EtcdReader(Section section, Machine machine) {
        this.section = section;
        this.machine = machine;
    }

    static Optional<EtcdConfig> read(Section root, Machine machine) {
        root.accept(OTHER_STORES.toArray(String[]::new));
        boolean three = root.has("etcd3");
        boolean two = root.has("etcd");
        if (!three && !two) {
            String other = OTHER_STORES.stream()
                    .filter(root::has)
                    .findFirst()
                    .map(name -> "; \"" + name + "\" is not supported")
                    .orElse("");
            root.error("etcd3", "is missing" + other + "; allowed: a section with hosts: host:port, ...");
            return Optional.empty();
        }
        if (two) {
            root.warn(
                    "etcd",
                    three
                            ? "is ignored, because there is a section etcd3"
                            : "is read as etcd3: Matriarch speaks etcd's API version 3 only, whose keys a Patroni with \"etcd:\" does not see");
        }
        try (Section section = root.section(three ? "etcd3" : "etcd")) {
            return new EtcdReader(section, machine).read();
        }
    }

    private Optional<EtcdConfig> read() {
        String protocol = section.choice("protocol", List.of("http", "https")).orElse("http");
        int port = section.whole("port", DEFAULT_PORT, 1, 65_535);
        Optional<String> srv = section.text("srv");
        String used = Stream.of("proxy", "url", "urls", "hosts", "host")
                .filter(section::has)
                .findFirst()
                .orElse("");
        switch (used) {
            case "proxy", "url", "urls" -> urls(used);
            case "hosts" -> words("hosts").forEach(host -> hostEndpoint("hosts", host, protocol, port));
            case "host" -> section.text("host").ifPresent(host -> hostEndpoint("host", host, protocol, port));
            default -> {
                if (srv.isEmpty()) {
                    section.error("hosts", "is missing; allowed: one of hosts, host, url, urls, proxy or srv");
                }
            }
        }
        if (!used.isEmpty() && endpoints.isEmpty() && words(used).isEmpty()) {
            section.error(used, "is empty; allowed: host:port, ...");
        }
        Optional<BasicCredentials> credentials = Options.credentials(section).or(() -> fromUrl);
        Optional<Path> cacert = RestApiReader.file(section, "cacert", machine);
        Optional<Path> cert = RestApiReader.file(section, "cert", machine);
        Optional<Path> key = RestApiReader.file(section, "key", machine);
        if (key.isPresent() && !section.has("cert")) {
            section.error("cert", "is missing; a client key without its certificate");
        }
        boolean https = protocol.equals("https") || endpoints.stream().anyMatch(uri -> "https".equals(uri.getScheme()));
        // SRV records say themselves whether they are for TLS.
        if (!https && srv.isEmpty() && (cacert.isPresent() || cert.isPresent())) {
            section.warn(
                    cacert.isPresent() ? "cacert" : "cert", "is not used: the protocol is http; set protocol: https");
        }
        Optional<String> suffix = section.text("srv_suffix");
        boolean proxies = section.flag("use_proxies", used.equals("proxy"));
        if (endpoints.isEmpty() && srv.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new EtcdConfig(
                endpoints.stream().distinct().toList(), srv, suffix, proxies, https, credentials, cacert, cert, key));
    }

    /** A list or a text with commas; quotes around a single host, as the environment's documentation writes them, go. */
    private List<String> words(String key) {
        return section.words(key).stream()
                .map(word -> word.replaceAll("^['\"]|['\"]$", "").strip())
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private void hostEndpoint(String key, String host, String protocol, int port) {
        if (host.contains("://") || host.contains("@")) {
            urlEndpoint(key, host);
            return;
        }
        HostPort.parse(host, port)
                .filter(address -> !address.isAnyAddress())
                .flatMap(address -> endpoint(protocol, address))
                .ifPresentOrElse(
                        endpoints::add,
                        () -> section.error(
                                key, "\"" + host + "\" is not allowed; allowed: host:port, the port from 1 to 65535"));
    }

    /** Empty for a name that no URL can hold, for example one with an underscore. */
    private static Optional<URI> endpoint(String protocol, HostPort address) {
        return Optional.of(URI.create(protocol + "://" + address)).filter(uri -> uri.getHost() != null);
    }

    private void urls(String key) {
        words(key).forEach(url -> urlEndpoint(key, url));
    }

    private void urlEndpoint(String key, String text) {
        String allowed = "allowed: http(s)://host:port";
        try {
            URI uri = new URI(text);
            boolean scheme = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            Optional<HostPort> address = Optional.ofNullable(uri.getHost())
                    .flatMap(
                            host -> HostPort.parse(host + ":" + (uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort()), 0));
            if (!scheme || address.isEmpty()) {
                section.error(key, "is not a URL of etcd; " + allowed);
                return;
            }
            endpoint(uri.getScheme(), address.get()).ifPresent(endpoints::add);
            String[] user = Optional.ofNullable(uri.getUserInfo()).orElse("").split(":", 2);
            if (user.length == 2) {
                fromUrl = Optional.of(new BasicCredentials(user[0], Secret.of(user[1])));
            }
        } catch (URISyntaxException e) {
            // The text may hold a password, so it is not shown.
            section.error(key, "is not a URL; " + allowed);
        }
    }
}
