package io.matriarch.ha.config;

import io.matriarch.ha.config.RestApiConfig.Tls;
import io.matriarch.ha.config.RestApiConfig.VerifyClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads section {@code restapi}. */
final class RestApiReader {

    private static final int DEFAULT_PORT = 8008;

    private RestApiReader() {}

    static Optional<RestApiConfig> read(Section root, Machine machine) {
        try (Section section = root.section("restapi")) {
            if (!section.has("listen")) {
                section.error("listen", "is missing; allowed: host:port, for example 0.0.0.0:8008");
            }
            Optional<HostPort> listen = section.hostPort("listen", DEFAULT_PORT);
            Optional<HostPort> connect = PostgresReader.connectAddress(
                    section,
                    "connect_address",
                    DEFAULT_PORT,
                    listen.map(address -> new ListenAddress(List.of(address.host()), address.port())));
            Optional<BasicCredentials> credentials = Optional.empty();
            try (Section authentication = section.section("authentication")) {
                credentials = Options.credentials(authentication);
            }
            Optional<Tls> tls = tls(section, machine);
            List<String> allowlist = section.has("allowlist") ? section.words("allowlist") : section.words("whitelist");
            boolean members =
                    section.flag("allowlist_include_members", section.flag("whitelist_include_members", false));
            Map<String, String> http = section.textMap("http_extra_headers");
            Map<String, String> https = section.textMap("https_extra_headers");
            section.choice("server_tokens", List.of("Minimal", "ProductOnly", "Original"));
            section.whole("request_queue_size", "", 0, 65_535);
            section.whole("thread_pool_size", "", 1, 65_535);
            section.accept("auth", "whitelist", "whitelist_include_members");
            Optional<BasicCredentials> user = credentials;
            return listen.flatMap(at ->
                    connect.map(address -> new RestApiConfig(at, address, user, tls, allowlist, members, http, https)));
        }
    }

    private static Optional<Tls> tls(Section section, Machine machine) {
        Optional<Path> certfile = file(section, "certfile", machine);
        Optional<Path> keyfile = file(section, "keyfile", machine);
        Optional<Secret> password = section.secret("keyfile_password");
        Optional<Path> cafile = file(section, "cafile", machine);
        Optional<String> ciphers = section.text("ciphers");
        VerifyClient verify = section.choice("verify_client", List.of("none", "optional", "required"))
                .map(text -> VerifyClient.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(VerifyClient.NONE);
        if (keyfile.isPresent() && !section.has("certfile")) {
            section.error("certfile", "is missing; keyfile alone serves no TLS");
        }
        if (verify != VerifyClient.NONE && section.has("certfile") && !section.has("cafile")) {
            section.error("cafile", "is missing; verify_client needs the authorities to check with");
        }
        Optional<Tls> tls = certfile.map(cert -> new Tls(cert, keyfile, password, cafile, ciphers, verify));
        tls.ifPresent(t -> usable(section, t, machine));
        return tls;
    }

    /** What would keep the listener from opening is told before anything is started. */
    private static void usable(Section section, Tls tls, Machine machine) {
        boolean allThere = Stream.of(Optional.of(tls.certfile()), tls.keyfile(), tls.cafile())
                .flatMap(Optional::stream)
                .allMatch(machine::isReadable);
        if (machine.checks() && allThere) {
            try {
                tls.context();
            } catch (IllegalArgumentException e) {
                section.error("certfile", e.getMessage() + "; allowed: PEM files that belong together");
            }
        }
        try {
            tls.cipherSuites();
        } catch (IllegalArgumentException e) {
            section.error(
                    "ciphers",
                    "\"" + tls.ciphers().orElse("")
                            + "\" leaves no cipher of this Java's; allowed: an OpenSSL cipher list,"
                            + " for example HIGH:!aNULL:!SHA1");
        }
    }

    /** A file that must be readable now: the agent could not start its listener without it. */
    static Optional<Path> file(Section section, String key, Machine machine) {
        Optional<Path> path = section.path(key);
        path.filter(file -> !machine.isReadable(file))
                .ifPresent(file -> section.error(
                        key,
                        "\"" + file + "\" " + (machine.exists(file) ? "cannot be read" : "does not exist")
                                + "; allowed: a file that the agent's user can read"));
        return path;
    }
}
