package io.matriarch.ha.adapter.fence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lines of bounded length from a channel. */
final class LineReader {
    private final ReadableByteChannel channel;
    private ByteBuffer buffer = ByteBuffer.allocate(8192).flip();

    LineReader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /**
     * Blocks for the next line, without its end; empty at the end of the stream (half a line is dropped).
     *
     * @throws IOException the channel broke, or a line is too long
     */
    Optional<String> next() throws IOException {
        int searched = 0;
        while (true) {
            for (; searched < buffer.remaining(); searched++) {
                if (buffer.get(buffer.position() + searched) == '\n') {
                    String line = StandardCharsets.UTF_8
                            .decode(buffer.slice(buffer.position(), searched))
                            .toString();
                    buffer.position(buffer.position() + searched + 1);
                    return Optional.of(line);
                }
            }
            if (searched >= FenceWire.MAX_LINE_BYTES) {
                throw new IOException("a line longer than " + FenceWire.MAX_LINE_BYTES + " bytes");
            }
            if (!fill()) {
                return Optional.empty();
            }
        }
    }

    private boolean fill() throws IOException {
        if (buffer.remaining() == buffer.capacity()) {
            buffer = ByteBuffer.allocate(buffer.capacity() * 2).put(buffer);
        } else {
            buffer.compact();
        }
        int read = channel.read(buffer);
        buffer.flip();
        return read >= 0;
    }
}
