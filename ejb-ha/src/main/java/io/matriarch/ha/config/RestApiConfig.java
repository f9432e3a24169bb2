package io.matriarch.ha.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Section {@code restapi}.
 *
 * @param listen where the API listens
 * @param connectAddress where others reach it
 * @param authentication asked for by all that changes something; empty: nobody is asked
 * @param tls empty: plain HTTP
 * @param allowlist hosts, addresses or networks that may call what changes something; empty: all
 * @param allowlistIncludeMembers members are on that list too
 * @param httpExtraHeaders added to each answer
 * @param httpsExtraHeaders added to each answer over TLS
 */
public record RestApiConfig(
        HostPort listen,
        HostPort connectAddress,
        Optional<BasicCredentials> authentication,
        Optional<Tls> tls,
        List<String> allowlist,
        boolean allowlistIncludeMembers,
        Map<String, String> httpExtraHeaders,
        Map<String, String> httpsExtraHeaders) {

    public RestApiConfig {
        allowlist = List.copyOf(allowlist);
        httpExtraHeaders = Map.copyOf(httpExtraHeaders);
        httpsExtraHeaders = Map.copyOf(httpsExtraHeaders);
    }

    /** The URL that the member key announces; it is itself what peers GET. */
    public String apiUrl() {
        return (tls.isPresent() ? "https://" : "http://") + connectAddress + "/patroni";
    }

    /** Whom a caller must prove to be when he presents a certificate. */
    public enum VerifyClient {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    /**
     * @param keyfile empty: the key stands in {@code certfile}
     * @param cafile checks client certificates
     * @param ciphers OpenSSL cipher list
     */
    public record Tls(
            Path certfile,
            Optional<Path> keyfile,
            Optional<Secret> keyfilePassword,
            Optional<Path> cafile,
            Optional<String> ciphers,
            VerifyClient verifyClient) {}
}
