package io.matriarch.backup.repository;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A stream in pieces, each with its length before it, so that its end can be told from a connection that broke, and a failure of the sender from
 * both. The protocol between machines of one version; flat in memory whatever the length.
 */
public final class Frames {
    private static final int PIECE = 1 << 16;
    private static final int END = 0;
    private static final int FAILED = -1;
    private static final int MOST_WORDS = 4_000;

    private Frames() {}

    /** The sender said that it cannot go on. */
    public static final class SenderFailedException extends IOException {
        private static final long serialVersionUID = 1;

        SenderFailedException(String why) {
            super(why);
        }
    }

    /**
     * Sends all of {@code content}; what goes wrong while it is read is said to the receiver.
     *
     * @throws IOException if it cannot be sent
     */
    public static void send(InputStream content, OutputStream to) throws IOException {
        var out = new DataOutputStream(to);
        byte[] piece = new byte[PIECE];
        while (true) {
            int n;
            try {
                n = content.read(piece);
            } catch (IOException e) {
                fail(out, String.valueOf(e.getMessage()));
                return;
            }
            if (n < 0) {
                break;
            }
            if (n > 0) {
                out.writeInt(n);
                out.write(piece, 0, n);
            }
        }
        out.writeInt(END);
        out.flush();
    }

    private static void fail(DataOutputStream out, String why) throws IOException {
        byte[] words = why.substring(0, Math.min(why.length(), MOST_WORDS)).getBytes(StandardCharsets.UTF_8);
        out.writeInt(FAILED);
        out.writeInt(words.length);
        out.write(words);
        out.flush();
    }

    /** Reads what {@link #send} sent. */
    public static InputStream receive(InputStream from) {
        return new Received(new DataInputStream(from));
    }

    private static final class Received extends ArrayInput {
        private final DataInputStream in;
        private int left;
        private boolean ended;

        Received(DataInputStream in) {
            this.in = in;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0 && !ended) {
                next();
            }
            if (ended) {
                return -1;
            }
            int n = in.read(bytes, offset, Math.min(length, left));
            if (n < 0) {
                throw new EOFException("the connection ended early");
            }
            left -= n;
            return n;
        }

        private void next() throws IOException {
            int length = in.readInt();
            if (length == FAILED) {
                byte[] words = in.readNBytes(Math.clamp(in.readInt(), 0, 4 * MOST_WORDS));
                throw new SenderFailedException(new String(words, StandardCharsets.UTF_8));
            }
            if (length < 0 || length > PIECE) {
                throw new IOException("a piece of " + length + " bytes was announced: this is not the protocol");
            }
            left = length;
            ended = length == END;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
