package io.matriarch.backup.stream;

import io.matriarch.ha.model.Lsn;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a WAL sender says within a stream, and what it is answered (PostgreSQL's streaming replication protocol). */
sealed interface WalMessage {

    /** The end of WAL on the server when it was sent. */
    Lsn serverEnd();

    /**
     * WAL.
     *
     * @param start position of its first byte
     * @param bytes from position to limit
     */
    record Data(Lsn start, Lsn serverEnd, ByteBuffer bytes) implements WalMessage {}

    /** @param answer whether the server wants to hear at once how far we are */
    record Alive(Lsn serverEnd, boolean answer) implements WalMessage {}

    /** Of the protocol's times, which count microseconds. */
    Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    /** @throws SQLException if it is none of ours */
    static WalMessage parse(byte[] message) throws SQLException {
        var in = ByteBuffer.wrap(message);
        if (in.hasRemaining()) {
            byte kind = in.get();
            if (kind == 'w' && in.remaining() >= 3 * Long.BYTES) {
                var start = new Lsn(in.getLong());
                var end = new Lsn(in.getLong());
                in.getLong();
                return new Data(start, end, in);
            }
            if (kind == 'k' && in.remaining() == 2 * Long.BYTES + 1) {
                var end = new Lsn(in.getLong());
                in.getLong();
                return new Alive(end, in.get() != 0);
            }
        }
        throw new SQLException("not a message of a WAL sender: " + message.length + " bytes"
                + (message.length > 0 ? " that begin with " + message[0] : ""));
    }

    /**
     * How far we are.
     *
     * @param answer whether the server shall say at once that it is there
     */
    static byte[] status(Lsn written, Lsn durable, Instant now, boolean answer) {
        return ByteBuffer.allocate(2 + 4 * Long.BYTES)
                .put((byte) 'r')
                .putLong(written.bytes())
                .putLong(durable.bytes())
                .putLong(durable.bytes())
                .putLong(ChronoUnit.MICROS.between(EPOCH, now))
                .put((byte) (answer ? 1 : 0))
                .array();
    }
}
