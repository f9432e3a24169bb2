package io.matriarch.backup.stream;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.ha.model.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The segment that is being received, in a local file. For one thread. */
final class SegmentFile implements AutoCloseable {
    private final SegmentName name;
    private final SegmentSize size;
    private final Path path;
    private final FileChannel channel;
    private int length;
    private boolean dirty;

    private SegmentFile(SegmentName name, SegmentSize size, Path path, FileChannel channel) {
        this.name = name;
        this.size = size;
        this.path = path;
        this.channel = channel;
    }

    /**
     * Opens it, to receive it from its beginning. What an earlier connection left in it stays until it is received again: no server may have it
     * any more. How much of that came to the disk before a crash nobody knows, so nothing is built on it.
     */
    static SegmentFile open(SegmentName name, SegmentSize size, Path path) throws IOException {
        var channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            channel.truncate(size.bytes());
            return new SegmentFile(name, size, path, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    SegmentName name() {
        return name;
    }

    /** Behind the last byte that is there. */
    Lsn position() {
        return new Lsn(size.start(name).bytes() + length);
    }

    boolean isFull() {
        return length == size.bytes();
    }

    /** Takes as much of {@code bytes} as belongs into this segment. */
    void write(ByteBuffer bytes) throws IOException {
        int taken = Math.min(bytes.remaining(), size.bytes() - length);
        var part = bytes.slice(bytes.position(), taken);
        while (part.hasRemaining()) {
            length += channel.write(part, length);
        }
        bytes.position(bytes.position() + taken);
        dirty |= taken > 0;
    }

    /** Makes what was written survive a crash; cheap when that is done already. */
    void sync() throws IOException {
        if (dirty) {
            channel.force(false);
            dirty = false;
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
