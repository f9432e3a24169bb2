package io.matriarch.ha.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The usual tools (cfssl, openssl before 3) write keys as PKCS#1 or SEC 1, which Java does not read. Wrapping them in PKCS#8 is a
 * matter of a header, so nobody has to convert files.
 */
public final class PemKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final Pattern ENCRYPTED = Pattern.compile(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----(.*?)-----END ENCRYPTED PRIVATE KEY-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    private static final byte[] VERSION = {2, 1, 0};
    /** 1.2.840.113549.1.1.1 and NULL. */
    private static final byte[] RSA = {6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, 5, 0};
    /** 1.2.840.10045.2.1. */
    private static final byte[] EC = {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 4;
    private static final int PARAMETERS = 0xA0;
    private static final int SHORT = 0x80;
    private static final int LINE = 64;

    private PemKey() {}

    /**
     * The key of the text as one PKCS#8 block; certificates beside it are left out.
     *
     * @throws IllegalArgumentException if there is no unencrypted private key
     */
    public static String asPkcs8(String pem) {
        String text = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(pkcs8(pem));
        return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
    }

    /**
     * The key of the text.
     *
     * @param password opens an encrypted PKCS#8 block
     * @throws IllegalArgumentException if there is no private key, or none that can be read with this password
     */
    public static PrivateKey read(String pem, Optional<String> password) {
        Matcher encrypted = ENCRYPTED.matcher(pem);
        var spec = encrypted.find()
                ? decrypted(decoded(encrypted.group(1)), password)
                : new PKCS8EncodedKeySpec(pkcs8(pem));
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // The next algorithm may know it.
            }
        }
        throw new IllegalArgumentException("the private key is of an unknown kind");
    }

    private static PKCS8EncodedKeySpec decrypted(byte[] block, Optional<String> password) {
        if (password.isEmpty()) {
            throw new IllegalArgumentException("the private key is encrypted, and no password is configured");
        }
        try {
            var info = new EncryptedPrivateKeyInfo(block);
            // Of PBES2, the usual scheme, the JDK knows the full name only by the parameters.
            var parameters = Optional.ofNullable(info.getAlgParameters());
            String scheme = info.getAlgName().startsWith("PBEWith")
                    ? info.getAlgName()
                    : parameters.map(Object::toString).orElse(info.getAlgName());
            var key = SecretKeyFactory.getInstance(scheme)
                    .generateSecret(new PBEKeySpec(password.get().toCharArray()));
            var cipher = Cipher.getInstance(scheme);
            cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
            return info.getKeySpec(cipher);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException("the private key cannot be opened with its password", e);
        }
    }

    private static byte[] pkcs8(String pem) {
        Matcher block = BLOCK.matcher(pem);
        if (!block.find()) {
            throw new IllegalArgumentException(
                    pem.contains("ENCRYPTED") ? "the private key is encrypted" : "no private key in PEM form");
        }
        byte[] key = decoded(block.group(2));
        return switch (block.group(1)) {
            case "RSA PRIVATE KEY" -> wrap(RSA, key);
            case "EC PRIVATE KEY" -> wrap(join(EC, curve(key)), key);
            default -> key;
        };
    }

    private static byte[] decoded(String text) {
        if (text.contains("ENCRYPTED")) {
            throw new IllegalArgumentException(
                    "the private key is encrypted the old way (openssl pkcs8 -topk8 rewrites it)");
        }
        return Base64.getMimeDecoder().decode(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] wrap(byte[] algorithm, byte[] key) {
        return element(SEQUENCE, join(join(VERSION, element(SEQUENCE, algorithm)), element(OCTETS, key)));
    }

    /** The curve's identifier out of {@code SEQUENCE { 1, octets, [0] curve, ... }}. */
    private static byte[] curve(byte[] sec1) {
        try {
            int at = content(sec1, 0);
            while ((sec1[at] & 0xFF) != PARAMETERS) {
                at = content(sec1, at) + length(sec1, at);
            }
            int from = content(sec1, at);
            return Arrays.copyOfRange(sec1, from, from + length(sec1, at));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the elliptic curve key does not name its curve", e);
        }
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        if (first < SHORT) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < first - SHORT; i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xFF);
        }
        return length;
    }

    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        return at + 2 + (first < SHORT ? 0 : first - SHORT);
    }

    private static byte[] element(int tag, byte[] content) {
        var out = new ByteArrayOutputStream(content.length + 6);
        out.write(tag);
        if (content.length < SHORT) {
            out.write(content.length);
        } else {
            out.write(SHORT + 2);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] out = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }
}
