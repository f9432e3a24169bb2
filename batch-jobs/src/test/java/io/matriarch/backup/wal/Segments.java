package io.matriarch.backup.wal;

import io.matriarch.ha.model.SystemIdentifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** WAL segments of tests. */
public final class Segments {
    private Segments() {}

    /** As much of a segment as is looked at: its long header, and {@code filling} for the rest. */
    public static byte[] bytes(SystemIdentifier system, SegmentSize size, long number, byte filling) {
        byte[] bytes = new byte[size.bytes()];
        Arrays.fill(bytes, filling);
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.nativeOrder())
                .putShort(2, (short) 2)
                .putLong(8, size.start(number).bytes())
                .putLong(24, Long.parseUnsignedLong(system.value()))
                .putInt(32, size.bytes());
        return bytes;
    }
}
