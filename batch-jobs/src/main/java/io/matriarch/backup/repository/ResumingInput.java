package io.matriarch.backup.repository;

import io.matriarch.backup.repository.ObjectStore.Opened;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;

/** Reads one object to its end; where a connection breaks another one goes on, with the same version of the object. */
final class ResumingInput extends ArrayInput {
    private static final int MOST_TRIES = 5;

    private final ObjectStore store;
    private final String key;
    private final long total;
    private final String version;
    private final long firstPauseMs;
    private InputStream in;
    private long position;

    /** @param firstPauseMs before a second try; doubled before each further one */
    ResumingInput(ObjectStore store, String key, Opened opened, long firstPauseMs) {
        this.store = store;
        this.key = key;
        this.in = opened.in();
        this.total = opened.bytes();
        this.version = opened.version();
        this.firstPauseMs = firstPauseMs;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == total) {
            return -1;
        }
        Optional<IOException> broken = Optional.empty();
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            try {
                if (broken.isPresent()) {
                    reopen(tries);
                }
                int n = in.read(bytes, offset, length);
                if (n > 0) {
                    position += n;
                    return n;
                }
                throw new EOFException("the connection ended early");
            } catch (InterruptedIOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                broken = Optional.of(e);
            } catch (StoreException e) {
                if (e.kind() != StoreException.Kind.BUSY && e.kind() != StoreException.Kind.UNREACHABLE) {
                    throw e;
                }
                broken = Optional.of(e);
            } catch (IOException e) {
                broken = Optional.of(e);
            }
        }
        throw StoreException.unreachable(
                "reading " + key + " from byte " + position + " on", store.where(), broken.orElseThrow());
    }

    private void reopen(int tries) throws IOException {
        closeQuietly();
        pause(firstPauseMs << (tries - 1));
        in = store.get(key, position, Optional.of(version))
                .orElseThrow(() -> new EOFException(key + " was deleted while it was read"))
                .in();
    }

    private static void pause(long ms) throws InterruptedIOException {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before another try");
        }
    }

    private void closeQuietly() {
        try {
            in.close();
        } catch (IOException e) {
            // It was broken; that is why it is closed.
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
