package io.matriarch.ha.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Makes TLS contexts of PEM files. Each method blocks for the disk. */
public final class PemFiles {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String ANY_USE = "2.5.29.37.0";
    private static final char[] NO_PASSWORD = {};
    private static final String END = "-----END CERTIFICATE-----";
    private static final Pattern KEYS =
            Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", Pattern.DOTALL);

    private PemFiles() {}

    /**
     * A certificate with its key.
     *
     * @param certfile the certificate, then those between it and its authority
     * @param keyfile PKCS#8, PKCS#1 or SEC 1; empty: the key stands in {@code certfile}
     * @param password opens an encrypted key
     */
    public record Proof(Path certfile, Optional<Path> keyfile, Optional<String> password) {
        @Override
        public String toString() {
            return "certfile " + certfile + ", keyfile "
                    + keyfile.map(Path::toString).orElse("-");
        }
    }

    /**
     * The context of a listener.
     *
     * @param cafile authorities that a client's certificate must come from; empty: no client can prove himself
     * @throws IllegalArgumentException when a file cannot be used; the message names the files
     */
    public static SSLContext server(Proof own, Optional<Path> cafile) {
        try {
            return context(keys(own), cafile.isPresent() ? trust(cafile.get()) : new TrustManager[0]);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(own + ", cafile " + cafile.map(Path::toString).orElse("-"), e);
        }
    }

    /**
     * The context of calls.
     *
     * @param own shown to servers that ask for a certificate
     * @param trust who decides on a server's certificate
     * @throws IllegalArgumentException when a file cannot be used; the message names the files
     */
    public static SSLContext client(Optional<Proof> own, TrustManager[] trust) {
        try {
            return context(own.isPresent() ? keys(own.get()) : new KeyManager[0], trust);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(own.map(Proof::toString).orElse("no certfile"), e);
        }
    }

    /**
     * Trusts what the authorities of {@code cafile} signed.
     *
     * @throws IllegalArgumentException when the file cannot be used; the message names it
     */
    public static TrustManager[] authorities(Path cafile) {
        try {
            return trust(cafile);
        } catch (IOException | GeneralSecurityException e) {
            throw unusable("cafile " + cafile, e);
        }
    }

    /** Whether a certificate may also prove who calls: most are made for servers and clients alike, some for servers only. */
    public static boolean provesClients(Path certfile) {
        try {
            if (certificates(certfile).get(0) instanceof X509Certificate certificate) {
                // Empty extension: every use.
                var uses = Optional.ofNullable(certificate.getExtendedKeyUsage());
                return uses.isEmpty()
                        || uses.get().contains(CLIENT_AUTH)
                        || uses.get().contains(ANY_USE);
            }
            return false;
        } catch (IOException | GeneralSecurityException e) {
            return false;
        }
    }

    private static IllegalArgumentException unusable(String files, Exception e) {
        return new IllegalArgumentException("cannot use the TLS files (" + files + "): " + e.getMessage(), e);
    }

    private static SSLContext context(KeyManager[] keys, TrustManager[] trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust, null);
        return context;
    }

    private static TrustManager[] trust(Path cafile) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int count = 0;
        for (Certificate authority : certificates(cafile)) {
            store.setCertificateEntry("ca" + count++, authority);
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(Proof own) throws IOException, GeneralSecurityException {
        var chain = certificates(own.certfile());
        var key = PemKey.read(Files.readString(own.keyfile().orElse(own.certfile())), own.password());
        if (!belongs(key, chain.get(0).getPublicKey())) {
            throw new GeneralSecurityException("the private key does not belong to the certificate");
        }
        KeyStore store = empty();
        store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(new Certificate[0]));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** Files that are renewed one after the other do not belong together for a moment. */
    private static boolean belongs(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String scheme = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] sample = {1};
        var signature = Signature.getInstance(scheme);
        signature.initSign(key);
        signature.update(sample);
        byte[] signed = signature.sign();
        try {
            signature.initVerify(certified);
            signature.update(sample);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        }
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static List<? extends Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        String text = Files.readString(file);
        int start = text.indexOf("-----BEGIN CERTIFICATE-----");
        int end = text.lastIndexOf(END);
        if (start < 0 || end < start) {
            throw new GeneralSecurityException(file + " holds no certificate");
        }
        // The factory reads certificates only, so keys before, between and after them are cut off.
        String only = KEYS.matcher(text.substring(start, end + END.length())).replaceAll("");
        return List.copyOf(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(only.getBytes(StandardCharsets.US_ASCII))));
    }
}
