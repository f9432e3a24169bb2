package io.matriarch.ha.adapter.peer;

import io.matriarch.ha.tls.PemFiles;
import io.matriarch.ha.tls.PemFiles.Proof;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS towards members. */
public final class PeerTls {
    private PeerTls() {}

    /**
     * Blocks for the disk.
     *
     * @param cacert authorities that members' certificates must come from; empty: any certificate is taken, as Patroni's agents do
     *     (what members say is not secret, and certificates are often made for the load balancer's name)
     * @param own our certificate, for members that ask for one
     * @throws IllegalArgumentException when a file cannot be used; the message names it
     */
    public static SSLContext context(Optional<Path> cacert, Optional<Proof> own) {
        return PemFiles.client(
                own, cacert.map(PemFiles::authorities).orElseGet(() -> new TrustManager[] {new TrustAll()}));
    }

    /** Takes every certificate. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
