package io.matriarch.ha.adapter.peer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS towards members. */
public final class PeerTls {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    private static final char[] NO_PASSWORD = {};

    private PeerTls() {}

    /**
     * Blocks for the disk.
     *
     * @param cacert authorities that members' certificates must come from; empty: any certificate is taken, as Patroni's agents do
     *     (what members say is not secret, and certificates are often made for the load balancer's name)
     * @param cert our certificate, for members that ask for one
     * @param key its key, PKCS#8; empty: it stands in {@code cert}
     * @throws IllegalArgumentException when a file cannot be used
     */
    public static SSLContext context(Optional<Path> cacert, Optional<Path> cert, Optional<Path> key) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = cert.isPresent() ? keys(cert.get(), key.orElse(cert.get())) : new KeyManager[0];
            TrustManager[] trust = cacert.isPresent() ? trust(cacert.get()) : new TrustManager[] {new TrustAll()};
            context.init(keys, trust, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "cannot use the TLS files for calls to members (cacert " + shown(cacert) + ", certfile "
                            + shown(cert) + ", keyfile " + shown(key) + "): " + e.getMessage(),
                    e);
        }
    }

    private static String shown(Optional<Path> file) {
        return file.map(Path::toString).orElse("-");
    }

    private static TrustManager[] trust(Path cacert) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int count = 0;
        for (Certificate authority : certificates(cacert)) {
            store.setCertificateEntry("ca" + count++, authority);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(Path cert, Path key) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        store.setKeyEntry(
                "own", privateKey(key), NO_PASSWORD, certificates(cert).toArray(new Certificate[0]));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static List<? extends Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        String text = Files.readString(file);
        int start = text.indexOf("-----BEGIN CERTIFICATE-----");
        if (start < 0) {
            throw new GeneralSecurityException(file + " holds no certificate");
        }
        // The factory reads certificates only, so a key before or after them is cut off.
        String chain = text.substring(start, text.lastIndexOf("-----END CERTIFICATE-----") + 25);
        String only = Pattern.compile(
                        "-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", Pattern.DOTALL)
                .matcher(chain)
                .replaceAll("");
        return List.copyOf(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(only.getBytes(StandardCharsets.US_ASCII))));
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        Matcher block = KEY.matcher(Files.readString(file));
        if (!block.find()) {
            throw new GeneralSecurityException(
                    file + " holds no unencrypted PKCS#8 key (openssl pkcs8 -topk8 -nocrypt makes one)");
        }
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(1)));
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // The next algorithm may know it.
            }
        }
        throw new GeneralSecurityException(file + " holds a key of an unknown kind");
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
