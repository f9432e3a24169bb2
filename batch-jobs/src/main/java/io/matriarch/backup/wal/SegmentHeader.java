package io.matriarch.backup.wal;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the first page of a WAL segment says of it (PostgreSQL's {@code XLogLongPageHeaderData}, in the byte order of the machine).
 *
 * @param start the position of its first byte
 */
record SegmentHeader(SystemIdentifier system, Lsn start, SegmentSize size) {
    private static final int BYTES = 40;
    private static final int INFO = 2;
    private static final int PAGE_ADDRESS = 8;
    private static final int SYSTEM = 24;
    private static final int SIZE = 32;
    private static final int LONG_HEADER = 2;

    /** @throws IOException if the file cannot be read, or does not begin as a segment does */
    static SegmentHeader read(Path file) throws IOException {
        var page = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            int n = 0;
            while (page.hasRemaining() && n >= 0) {
                n = channel.read(page);
            }
        }
        if (page.hasRemaining() || (page.getShort(INFO) & LONG_HEADER) == 0) {
            throw new IOException(file + " does not begin as a WAL segment does");
        }
        try {
            return new SegmentHeader(
                    new SystemIdentifier(Long.toUnsignedString(page.getLong(SYSTEM))),
                    new Lsn(page.getLong(PAGE_ADDRESS)),
                    new SegmentSize(page.getInt(SIZE)));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " does not begin as a WAL segment does: " + e.getMessage(), e);
        }
    }
}
