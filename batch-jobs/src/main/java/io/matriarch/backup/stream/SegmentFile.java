package io.matriarch.backup.stream;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.ha.model.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The segment that is being received, in a local file that grows with it. For one thread.
 */
final class SegmentFile implements AutoCloseable {
    private static final int PAGE = 8192;
    private static final int PAGE_ADDRESS = 8;

    private final SegmentName name;
    private final SegmentSize size;
    private final Path path;
    private final FileChannel channel;
    private int length;
    private boolean dirty;

    private SegmentFile(SegmentName name, SegmentSize size, Path path, FileChannel channel, int length) {
        this.name = name;
        this.size = size;
        this.path = path;
        this.channel = channel;
        this.length = length;
    }

    /**
     * Opens it, to go on behind what is sound of it. A crash of the machine may have left a file whose end never came to the disk: only whole
     * pages that say of themselves that they are the right ones are kept.
     */
    static SegmentFile open(SegmentName name, SegmentSize size, Path path) throws IOException {
        var channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            int sound = soundBytes(channel, size, size.start(name));
            channel.truncate(sound);
            return new SegmentFile(name, size, path, channel, sound);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static int soundBytes(FileChannel channel, SegmentSize size, Lsn start) throws IOException {
        int whole = (int) Math.min(channel.size() / PAGE * PAGE, size.bytes());
        var address = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        for (int at = 0; at < whole; at += PAGE) {
            address.clear();
            if (channel.read(address, at + PAGE_ADDRESS) != Long.BYTES || address.getLong(0) != start.bytes() + at) {
                return at;
            }
        }
        return whole;
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
