package io.matriarch.ha.api;

import io.matriarch.ha.adapter.peer.PeerTls;
import io.matriarch.ha.config.BasicCredentials;
import io.matriarch.ha.config.CtlConfig;
import io.matriarch.ha.config.LocalConfig;
import io.matriarch.ha.tls.PemFiles.Proof;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/**
 * Calls to the REST interfaces of other machines of the cluster that carry what nobody else may see: with this machine's credentials and
 * certificate, and over TLS only to machines whose certificates were checked. Thread safe.
 */
public final class MemberCalls {
    private final Optional<BasicCredentials> login;
    private final Optional<SSLContext> tls;
    private final boolean checksName;

    private MemberCalls(Optional<BasicCredentials> login, Optional<SSLContext> tls, boolean checksName) {
        this.login = login;
        this.tls = tls;
        this.checksName = checksName;
    }

    /** Calls without TLS. */
    public static MemberCalls plain(Optional<BasicCredentials> login) {
        return new MemberCalls(login, Optional.empty(), true);
    }

    /** @throws IllegalArgumentException when a file cannot be used; the message names it */
    static MemberCalls of(LocalConfig config) {
        return of(config.ctl(), config.clientLogin(), config.clientProof());
    }

    static MemberCalls of(CtlConfig ctl, Optional<BasicCredentials> login, Optional<Proof> own) {
        // An agent that asks a peer how it is may trust anybody; here databases and passwords travel.
        var tls = ctl.insecure() || ctl.cacert().isPresent()
                ? Optional.of(PeerTls.context(ctl.insecure() ? Optional.empty() : ctl.cacert(), own))
                : Optional.<SSLContext>empty();
        return new MemberCalls(login, tls, !ctl.insecure());
    }

    /**
     * Prepares a call; nothing is sent yet. Redirects are not followed.
     *
     * @param read how long one read may wait
     * @throws IOException for a URL that is none, or one over TLS while nothing says whose certificates to believe
     */
    public HttpURLConnection open(String method, URI uri, Duration connect, Duration read) throws IOException {
        if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection http)) {
            throw new IOException("not an HTTP URL: " + uri);
        }
        if (http instanceof HttpsURLConnection https) {
            var context = tls.orElseThrow(() -> new IOException(uri.getAuthority()
                    + " is called over TLS: name the authority of the members' certificates as ctl.cacert"
                    + " (or set ctl.insecure: true to believe any)"));
            https.setSSLSocketFactory(context.getSocketFactory());
            if (!checksName) {
                https.setHostnameVerifier((host, session) -> true);
            }
        }
        http.setRequestMethod(method);
        http.setConnectTimeout(Math.toIntExact(connect.toMillis()));
        http.setReadTimeout(Math.toIntExact(read.toMillis()));
        http.setInstanceFollowRedirects(false);
        http.setUseCaches(false);
        http.setRequestProperty("Connection", "close");
        http.setRequestProperty("User-Agent", "Matriarch");
        login.ifPresent(l -> {
            var pair = (l.username() + ":" + l.password().reveal()).getBytes(StandardCharsets.UTF_8);
            http.setRequestProperty(
                    "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        });
        return http;
    }
}
