package io.matriarch.ha.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PemKeyTest {
    /** A key that nothing uses, and the same as {@code openssl pkcs8 -topk8} encrypts it. */
    private static final String PLAIN = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmi1zH6J33m/THU7V
            A7QfgoVNEy57cTwm8XzezpPdwH2hRANCAARhNgjfZUkB6CosL+S4k1E0kYVOvpme
            KyAsHslYM522bJSREsZQgT3Jkf8GPIjml05qWUewiOyRytW8IK8h9fhi
            -----END PRIVATE KEY-----
            """;

    private static final String ENCRYPTED = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgtQQkUiEMBpwICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENTg5fX2umBehe0kpGN0IPYEgZCO
            uJhMTU2Sgehy2NefEsPKkF0A6rKtB61PfgRDv3f3G6wattttf4yi0ZemRWZ6CM1d
            SEmV/8aV+lAqet0EFAuM6DBxaukM8kwMZqNbLDPoxXhqgxFIRkruNqrQsxyX7k73
            mYeKqUmQ5+kV4BTmOAcgJSf3ZMJ0mSyHzwP261wxFpVjsES6Nt67hgffcGMELEk=
            -----END ENCRYPTED PRIVATE KEY-----
            """;

    @Test
    void anRsaKeyOfOldOpensslIsWrapped() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        PrivateKey key = generator.generateKeyPair().getPrivate();
        // PKCS#8 ends in the PKCS#1 key: version 3 bytes and algorithm 15 bytes after a 4-byte header, then a 4-byte
        // octet header.
        byte[] pkcs1 = Arrays.copyOfRange(key.getEncoded(), 26, key.getEncoded().length);

        assertThat(read(PemKey.asPkcs8(pem("RSA PRIVATE KEY", pkcs1)), "RSA")).isEqualTo(key);
    }

    @Test
    void anEllipticCurveKeyOfOldOpensslIsWrapped() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var key = (java.security.interfaces.ECPrivateKey)
                generator.generateKeyPair().getPrivate();
        byte[] secret = secret(key.getS());
        byte[] curve = {6, 8, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 3, 1, 7};
        byte[] sec1 = new byte[2 + 3 + 34 + 12];
        byte[] head = {0x30, 3 + 34 + 12, 2, 1, 1, 4, 32};
        System.arraycopy(head, 0, sec1, 0, head.length);
        System.arraycopy(secret, 0, sec1, 7, 32);
        sec1[39] = (byte) 0xA0;
        sec1[40] = 10;
        System.arraycopy(curve, 0, sec1, 41, 10);

        var read = (java.security.interfaces.ECPrivateKey) read(PemKey.asPkcs8(pem("EC PRIVATE KEY", sec1)), "EC");
        assertThat(read.getS()).isEqualTo(key.getS());
    }

    @Test
    void aKeyBesideItsCertificateIsFound() throws Exception {
        PrivateKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
        String both = pem("CERTIFICATE", new byte[] {1, 2, 3}) + pem("PRIVATE KEY", key.getEncoded());

        assertThat(read(PemKey.asPkcs8(both), "Ed25519")).isEqualTo(key);
    }

    @Test
    void anEncryptedKeyOpensWithItsPasswordOnly() {
        assertThat(PemKey.read(ENCRYPTED, Optional.of("s3cret"))).isEqualTo(PemKey.read(PLAIN, Optional.empty()));
        assertThatThrownBy(() -> PemKey.read(ENCRYPTED, Optional.of("guess")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be opened with its password")
                .hasMessageNotContaining("guess");
        assertThatThrownBy(() -> PemKey.read(ENCRYPTED, Optional.empty())).hasMessageContaining("no password");
    }

    @Test
    void whatHoldsNoUsableKeyIsRefusedWithAReason() {
        assertThatThrownBy(() -> PemKey.asPkcs8("nothing")).hasMessageContaining("no private key");
        assertThatThrownBy(() -> PemKey.asPkcs8(pem("ENCRYPTED PRIVATE KEY", new byte[3])))
                .hasMessageContaining("encrypted");
        assertThatThrownBy(
                        () -> PemKey.asPkcs8(
                                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"))
                .hasMessageContaining("encrypted");
        assertThatThrownBy(() -> PemKey.asPkcs8(pem("EC PRIVATE KEY", new byte[] {0x30, 3, 2, 1, 1})))
                .hasMessageContaining("curve");
    }

    private static PrivateKey read(String pem, String algorithm) throws Exception {
        String body = pem.replaceAll("-----[A-Z ]*-----", "");
        return KeyFactory.getInstance(algorithm)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
    }

    private static String pem(String kind, byte[] content) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + kind
                + "-----\n";
    }

    private static byte[] secret(BigInteger number) {
        byte[] out = new byte[32];
        byte[] bytes = number.toByteArray();
        int from = Math.max(0, bytes.length - 32);
        System.arraycopy(bytes, from, out, 32 - (bytes.length - from), bytes.length - from);
        return out;
    }
}
