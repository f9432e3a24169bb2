package io.matriarch.ha.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.tls.PemFiles.Proof;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFilesTest {
    @TempDir
    private static Path files;

    private static TestAuthority authority;

    @BeforeAll
    static void certificates() throws Exception {
        authority = new TestAuthority(files).issue("both").issue("other").issue("server", "eku=serverAuth");
    }

    private static Proof proof(String cert, String key) {
        return new Proof(authority.cert(cert), Optional.of(authority.key(key)), Optional.empty());
    }

    @Test
    void certificateAndKeyMakeAListener() {
        assertThatCode(() -> PemFiles.server(proof("both", "both"), Optional.of(authority.certificate())))
                .doesNotThrowAnyException();
    }

    @Test
    void certificateAndKeyMayStandInOneFile() throws Exception {
        Path one = files.resolve("one.pem");
        Files.writeString(one, Files.readString(authority.key("both")) + Files.readString(authority.cert("both")));

        assertThatCode(() -> PemFiles.server(new Proof(one, Optional.empty(), Optional.empty()), Optional.empty()))
                .doesNotThrowAnyException();
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        assertThatThrownBy(() -> PemFiles.server(proof("both", "other"), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not belong to the certificate")
                .hasMessageContaining("both.pem");
    }

    @Test
    void filesThatHoldNothingOfUseAreNamed() throws Exception {
        Path empty = Files.createFile(files.resolve("empty.pem"));
        var missing = new Proof(files.resolve("missing.pem"), Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> PemFiles.server(missing, Optional.empty())).hasMessageContaining("missing.pem");
        assertThatThrownBy(() -> PemFiles.server(proof("both", "both"), Optional.of(empty)))
                .hasMessageContaining("empty.pem holds no certificate");
        assertThatThrownBy(() -> PemFiles.authorities(empty)).hasMessageContaining("empty.pem");
    }

    @Test
    void aCertificateForServersOnlyDoesNotProveWhoCalls() {
        assertThat(PemFiles.provesClients(authority.cert("both"))).isTrue();
        assertThat(PemFiles.provesClients(authority.cert("server"))).isFalse();
        assertThat(PemFiles.provesClients(files.resolve("missing.pem"))).isFalse();
    }
}
