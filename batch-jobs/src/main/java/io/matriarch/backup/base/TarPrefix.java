package io.matriarch.backup.base;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Entries that go before a tar which somebody else writes: a tar is a row of entries and has no head, and a gzip file may be several, one
 * behind the other. The format is POSIX.1-1988 ustar.
 */
final class TarPrefix {
    private static final int BLOCK = 512;
    private static final int NAME = 0;
    private static final int MODE = 100;
    private static final int UID = 108;
    private static final int GID = 116;
    private static final int SIZE = 124;
    private static final int MTIME = 136;
    private static final int CHECKSUM = 148;
    private static final int TYPE = 156;
    private static final int MAGIC = 257;
    private static final int NAME_BYTES = 100;

    private TarPrefix() {}

    /** Writes the files as a gzip member without the end of an archive; nothing if there are none. */
    static void writeGzip(Map<String, byte[]> files, Instant at, OutputStream out) throws IOException {
        if (files.isEmpty()) {
            return;
        }
        var gzip = new GZIPOutputStream(out);
        for (var file : files.entrySet()) {
            gzip.write(header(BaseBackup.CONFIGURATION + "/" + file.getKey(), file.getValue().length, at));
            gzip.write(file.getValue());
            gzip.write(new byte[(BLOCK - file.getValue().length % BLOCK) % BLOCK]);
        }
        gzip.finish();
    }

    private static byte[] header(String name, int bytes, Instant at) {
        if (name.length() >= NAME_BYTES) {
            throw new IllegalArgumentException("too long for a name in a tar: " + name);
        }
        byte[] head = new byte[BLOCK];
        put(head, NAME, name);
        put(head, MODE, "0000600");
        put(head, UID, "0000000");
        put(head, GID, "0000000");
        put(head, SIZE, String.format("%011o", bytes));
        put(head, MTIME, String.format("%011o", at.getEpochSecond()));
        Arrays.fill(head, CHECKSUM, TYPE, (byte) ' ');
        head[TYPE] = '0';
        put(head, MAGIC, "ustar");
        put(head, MAGIC + 6, "00");
        int sum = 0;
        for (byte b : head) {
            sum += b & 0xff;
        }
        put(head, CHECKSUM, String.format("%06o", sum));
        head[CHECKSUM + 6] = 0;
        return head;
    }

    private static void put(byte[] head, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, head, at, bytes.length);
    }
}
