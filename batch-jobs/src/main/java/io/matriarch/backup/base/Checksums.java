package io.matriarch.backup.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, as {@code sha256sum} prints it. */
public final class Checksums {
    private Checksums() {}

    /** Of a whole file; reads all of it. */
    public static String sha256(Path file) throws IOException {
        try (var in = reading(Files.newInputStream(file))) {
            in.transferTo(OutputStream.nullOutputStream());
            return sha256(in);
        }
    }

    /** A stream that remembers what was read of it. */
    public static DigestInputStream reading(InputStream in) {
        try {
            return new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Of all that was read so far; the stream begins anew then. */
    public static String sha256(DigestInputStream read) {
        return HexFormat.of().formatHex(read.getMessageDigest().digest());
    }
}
