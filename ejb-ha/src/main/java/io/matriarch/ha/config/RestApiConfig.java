package io.matriarch.ha.config;

import io.matriarch.ha.tls.CipherList;
import io.matriarch.ha.tls.PemFiles;
import io.matriarch.ha.tls.PemFiles.Proof;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

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

    /** Headers of each answer: Patroni adds those for HTTPS to the others. */
    public Map<String, String> extraHeaders() {
        Map<String, String> headers = new HashMap<>(httpExtraHeaders);
        if (tls.isPresent()) {
            headers.putAll(httpsExtraHeaders);
        }
        return headers;
    }

    /** Whether commands are taken only from clients that presented a certificate. */
    public boolean wantsClientCertificate() {
        return tls.filter(t -> t.verifyClient() != VerifyClient.NONE).isPresent();
    }

    /** The URL that the member key announces; it is itself what peers GET. */
    public String apiUrl() {
        return url() + "/patroni";
    }

    /** Where others reach it, without a path. */
    public String url() {
        return (tls.isPresent() ? "https://" : "http://") + connectAddress;
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
            VerifyClient verifyClient) {

        /** Our certificate with its key. */
        public Proof proof() {
            return new Proof(certfile, keyfile, keyfilePassword.map(Secret::reveal));
        }

        /**
         * Reads the files; blocks for the disk.
         *
         * @throws IllegalArgumentException when one cannot be used; the message names it
         */
        public SSLContext context() {
            return PemFiles.server(proof(), cafile);
        }

        /** The JDK's names of the ciphers that may be used; empty: its defaults. */
        public List<String> cipherSuites() {
            return ciphers.map(CipherList::select).orElse(List.of());
        }
    }
}
