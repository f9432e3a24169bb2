package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Outcome;
import io.matriarch.ha.model.Scope;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DcsUnavailableException;
import io.matriarch.ha.port.MonotonicClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** TLS with client certificates, and users with passwords, against a real etcd. */
@EnabledIf("installed")
@Timeout(90)
class SecuredEtcdTest {
    private static final String PASSWORD = "changeit";
    private static final MonotonicClock CLOCK = new MonotonicClock() {
        @Override
        public MonotonicTime now() {
            return new MonotonicTime(System.nanoTime());
        }

        @Override
        public Instant wallClock() {
            return Instant.now();
        }
    };

    @TempDir
    private Path files;

    static boolean installed() {
        return EtcdProcess.installed();
    }

    @Test
    void clientAndServerProveThemselvesByCertificates() throws Exception {
        Path cert = files.resolve("cert.pem");
        Path key = files.resolve("key.pem");
        certificate(cert, key);
        List<String> server = List.of(
                "--cert-file",
                cert.toString(),
                "--key-file",
                key.toString(),
                "--trusted-ca-file",
                cert.toString(),
                "--client-cert-auth");
        try (EtcdProcess etcd = EtcdProcess.start("https", server, List.of())) {
            var tls = new EtcdSettings.Tls(Optional.of(cert), Optional.of(cert), Optional.of(key));
            try (Dcs dcs = client(etcd, Optional.empty(), tls)) {
                assertThat(dcs.acquireLeader(
                                new MemberName("pg1"), dcs.grantLease(Duration.ofSeconds(60)), Optional.empty()))
                        .isEqualTo(Outcome.DONE);
            }
            try (Dcs stranger = client(etcd, Optional.empty(), EtcdSettings.Tls.SYSTEM)) {
                assertThatThrownBy(() -> stranger.keepAlive(new LeaseId(1), Duration.ofSeconds(3)))
                        .isInstanceOf(DcsUnavailableException.class);
            }
        }
    }

    @Test
    void unusableTlsFilesAreNamed() throws Exception {
        Path missing = files.resolve("missing.pem");
        var tls = new EtcdSettings.Tls(Optional.of(missing), Optional.empty(), Optional.empty());
        var settings = new EtcdSettings(List.of(URI.create("https://127.0.0.1:1")), Optional.empty(), tls);

        assertThatThrownBy(
                        () -> new EtcdDcs(settings, new Scope("service", "s"), (j, f) -> ClusterConfig.DEFAULTS, CLOCK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing.pem");
    }

    @Test
    void aUserWithoutRightsElsewhereSufficesAndAForgottenTokenIsFetchedAgain() throws Exception {
        try (EtcdProcess etcd = EtcdProcess.start()) {
            try (Dcs waiting = client(etcd, Optional.empty(), EtcdSettings.Tls.SYSTEM)) {
                waiting.read();
            }
            enableUsers(etcd);
            var login = Optional.of(new EtcdSettings.Login("agent", "secret"));
            try (Dcs dcs = client(etcd, login, EtcdSettings.Tls.SYSTEM)) {
                BlockingQueue<String> changes = new LinkedBlockingQueue<>();
                dcs.watch(() -> changes.add("change"));
                LeaseId lease = dcs.grantLease(Duration.ofSeconds(60));
                assertThat(dcs.acquireLeader(new MemberName("pg1"), lease, Optional.empty()))
                        .isEqualTo(Outcome.DONE);
                assertThat(changes.poll(20, TimeUnit.SECONDS)).isNotNull();

                etcd.restart();
                assertThat(dcs.keepAlive(lease, Duration.ofSeconds(20))).isPresent();
                assertThat(dcs.read().leader()).isPresent();
                changes.clear();
                assertThat(dcs.releaseLeader(dcs.read().leader().orElseThrow(), Optional.empty(), Optional.empty()))
                        .isEqualTo(Outcome.DONE);
                assertThat(changes.poll(20, TimeUnit.SECONDS)).isNotNull();
            }
            try (Dcs wrong =
                    client(etcd, Optional.of(new EtcdSettings.Login("agent", "guess")), EtcdSettings.Tls.SYSTEM)) {
                assertThatThrownBy(wrong::read)
                        .isInstanceOf(DcsUnavailableException.class)
                        .hasMessageContaining("authentication failed")
                        .hasMessageNotContaining("guess");
            }
            try (Dcs nobody = client(etcd, Optional.empty(), EtcdSettings.Tls.SYSTEM)) {
                assertThatThrownBy(nobody::read)
                        .isInstanceOf(DcsUnavailableException.class)
                        .hasMessageContaining("user name");
            }
        }
    }

    @Test
    void aPasswordForAnEtcdWithoutUsersDoesNoHarm() throws Exception {
        try (EtcdProcess etcd = EtcdProcess.start();
                Dcs dcs =
                        client(etcd, Optional.of(new EtcdSettings.Login("agent", "secret")), EtcdSettings.Tls.SYSTEM)) {
            assertThat(dcs.read().leader()).isEmpty();
        }
    }

    private static void enableUsers(EtcdProcess etcd) throws IOException, InterruptedException {
        etcd.ctl("user", "add", "root:root");
        etcd.ctl("user", "grant-role", "root", "root");
        etcd.ctl("role", "add", "agents");
        etcd.ctl("role", "grant-permission", "agents", "--prefix=true", "readwrite", "/service/");
        etcd.ctl("user", "add", "agent:secret");
        etcd.ctl("user", "grant-role", "agent", "agents");
        etcd.ctl("auth", "enable");
    }

    private static Dcs client(EtcdProcess etcd, Optional<EtcdSettings.Login> login, EtcdSettings.Tls tls) {
        var settings = new EtcdSettings(List.of(etcd.endpoint()), login, tls);
        return new EtcdDcs(settings, new Scope("service", "s"), (json, foreign) -> ClusterConfig.DEFAULTS, CLOCK);
    }

    /** One certificate for both sides that is its own authority, made by the JDK's keytool. */
    private void certificate(Path cert, Path key) throws Exception {
        Path store = files.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "one",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "2",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-ext",
                        "bc:c=ca:true",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(files.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Files.writeString(cert, pem("CERTIFICATE", made.getCertificate("one").getEncoded()));
        Files.writeString(
                key,
                pem("PRIVATE KEY", made.getKey("one", PASSWORD.toCharArray()).getEncoded()));
    }

    private static String pem(String kind, byte[] content) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }
}
