package io.matriarch.backup.repository;

import io.matriarch.backup.repository.ObjectStore.Part;
import io.matriarch.backup.repository.ObjectStore.Upload;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;

/** Collects what is written into parts and sends them: never more than one is in memory. Nothing is there until {@link #complete}. */
final class PartsOutput extends OutputStream {
    private static final int FIRST_BUFFER = 1 << 16;

    private final ObjectStore store;
    private final String key;
    private final String writer;
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int filled;
    private long sent;
    private int parts;
    private Optional<Upload> upload = Optional.empty();
    private boolean done;

    PartsOutput(ObjectStore store, String key, String writer) {
        this.store = store;
        this.key = key;
        this.writer = writer;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == ObjectStore.PART_BYTES) {
                send();
            }
            int now = Math.min(left, ObjectStore.PART_BYTES - filled);
            if (filled + now > buffer.length) {
                buffer = Arrays.copyOf(
                        buffer, Math.min(ObjectStore.PART_BYTES, Math.max(filled + now, 2 * buffer.length)));
            }
            System.arraycopy(bytes, from, buffer, filled, now);
            filled += now;
            from += now;
            left -= now;
        }
    }

    private void send() throws IOException {
        if (++parts > ObjectStore.MOST_PARTS) {
            throw new IOException(
                    key + " is larger than the " + ObjectStore.MOST_PARTS + " parts that an object may have");
        }
        if (upload.isEmpty()) {
            upload = Optional.of(store.upload(key, writer));
        }
        upload.get().part(new Part.Memory(buffer, filled));
        sent += filled;
        filled = 0;
    }

    /** Makes the object of all that was written. */
    void complete() throws IOException {
        if (upload.isPresent()) {
            send();
            upload.get().commit();
        } else {
            store.put(key, new Part.Memory(buffer, filled), writer);
            sent = filled;
        }
        done = true;
    }

    long bytes() {
        return sent;
    }

    @Override
    public void close() {
        if (!done) {
            upload.ifPresent(Upload::abort);
            done = true;
        }
    }
}
