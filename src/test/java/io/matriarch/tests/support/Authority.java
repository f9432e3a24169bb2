package io.matriarch.tests.support;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of a test, made by the JDK's keytool; writes PEM files. */
public final class Authority {
    private static final String PASSWORD = "changeit";

    private final Path directory;
    private final Path store;

    /** Makes an authority whose certificate is {@code ca.pem}. */
    public Authority(Path directory) throws IOException, InterruptedException, GeneralSecurityException {
        this.directory = directory;
        this.store = directory.resolve("store.p12");
        keytool("ca", "CN=Test authority", List.of("-ext", "bc:c=ca:true"));
        write("ca");
    }

    /** The authority's certificate. */
    public Path certificate() {
        return directory.resolve("ca.pem");
    }

    /** Makes {@code name.pem} and {@code name.key}, signed by this authority. @param extensions as {@code -ext} of keytool */
    public Authority issue(String name, String... extensions)
            throws IOException, InterruptedException, GeneralSecurityException {
        List<String> options = new ArrayList<>(List.of("-signer", "ca", "-ext", "san=ip:127.0.0.1,dns:localhost"));
        for (String extension : extensions) {
            options.addAll(List.of("-ext", extension));
        }
        keytool(name, "CN=" + name, options);
        write(name);
        return this;
    }

    public Path cert(String name) {
        return directory.resolve(name + ".pem");
    }

    public Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /** What a client trusts and, with a name, shows. */
    public SSLContext client(Optional<String> name) throws IOException, GeneralSecurityException {
        KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, new char[0]);
        trusted.setCertificateEntry("ca", made.getCertificate("ca"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, new char[0]);
        if (name.isPresent()) {
            own.setKeyEntry(
                    name.get(),
                    made.getKey(name.get(), PASSWORD.toCharArray()),
                    new char[0],
                    made.getCertificateChain(name.get()));
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** The subject of the certificate that a server shows. */
    public String shownBy(String url) throws IOException, GeneralSecurityException {
        URI at = URI.create(url);
        var sockets = client(Optional.empty()).getSocketFactory();
        try (var socket = (SSLSocket) sockets.createSocket(at.getHost(), at.getPort())) {
            socket.startHandshake();
            return socket.getSession().getPeerPrincipal().getName();
        }
    }

    private void keytool(String alias, String subject, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-alias", alias, "-dname", subject, "-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of("-validity", "2", "-storetype", "PKCS12", "-keystore", store.toString()));
        command.addAll(List.of("-storepass", PASSWORD));
        command.addAll(options);
        Path log = directory.resolve("keytool.log");
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool: " + Files.readString(log));
        }
    }

    private void write(String alias) throws IOException, GeneralSecurityException {
        KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Files.writeString(
                cert(alias), pem("CERTIFICATE", made.getCertificate(alias).getEncoded()));
        if (made.getKey(alias, PASSWORD.toCharArray()) instanceof PrivateKey key) {
            Files.writeString(key(alias), pem("PRIVATE KEY", key.getEncoded()));
        }
    }

    private static String pem(String kind, byte[] content) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }
}
