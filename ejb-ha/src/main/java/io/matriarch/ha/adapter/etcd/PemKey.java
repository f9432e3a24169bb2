package io.matriarch.ha.adapter.etcd;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * etcd's usual tools (cfssl, openssl before 3) write keys as PKCS#1 or SEC 1, which Java does not read. Wrapping them in PKCS#8 is a
 * matter of a header, so nobody has to convert files.
 */
final class PemKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
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
    static String asPkcs8(String pem) {
        Matcher block = BLOCK.matcher(pem);
        if (!block.find()) {
            throw new IllegalArgumentException(
                    pem.contains("ENCRYPTED") ? "the private key is encrypted" : "no private key in PEM form");
        }
        byte[] key = decoded(block.group(2));
        byte[] wrapped = switch (block.group(1)) {
            case "RSA PRIVATE KEY" -> wrap(RSA, key);
            case "EC PRIVATE KEY" -> wrap(join(EC, curve(key)), key);
            default -> key;
        };
        String text = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(wrapped);
        return "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n";
    }

    private static byte[] decoded(String text) {
        if (text.contains("ENCRYPTED")) {
            throw new IllegalArgumentException("the private key is encrypted");
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
