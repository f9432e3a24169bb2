package io.matriarch.backup.stream;

import io.matriarch.backup.base.Source;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/** A replication connection to one server. For one thread, besides {@link #close}. */
final class ReplicationSession implements AutoCloseable {
    /** SQLSTATE of a file that is not there: a segment that was removed. */
    private static final String UNDEFINED_FILE = "58P01";

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(MB|GB)");

    private final Source source;
    private final Connection connection;

    private ReplicationSession(Source source, Connection connection) {
        this.source = source;
        this.connection = connection;
    }

    /** @throws IOException if it does not let us in */
    static ReplicationSession open(Servers servers, Source source) throws IOException {
        try {
            return new ReplicationSession(source, servers.replicate(source));
        } catch (SQLException e) {
            throw new IOException(where(source) + " does not let us receive its WAL: " + e.getMessage(), e);
        }
    }

    /** @param flushed the end of its WAL */
    record Identity(SystemIdentifier system, Timeline timeline, Lsn flushed) {}

    /** Who it is; a replica that was promoted a moment ago may still name its former timeline. */
    Identity identify() throws IOException {
        return ask(
                "IDENTIFY_SYSTEM",
                row -> new Identity(
                        new SystemIdentifier(row.getString(1)),
                        new Timeline(row.getInt(2)),
                        Lsn.parse(row.getString(3))));
    }

    /** The history file of a timeline, as it has it. */
    String history(Timeline timeline) throws IOException {
        return ask("TIMELINE_HISTORY " + timeline.id(), row -> row.getString(2));
    }

    SegmentSize segmentSize() throws IOException {
        return ask("SHOW wal_segment_size", row -> {
            var m = SIZE.matcher(row.getString(1));
            if (!m.matches()) {
                throw new SQLException("wal_segment_size is '" + row.getString(1) + "'");
            }
            int shift = m.group(2).equals("MB") ? 20 : 30;
            return new SegmentSize(Math.toIntExact(Long.parseLong(m.group(1)) << shift));
        });
    }

    @FunctionalInterface
    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> T ask(String command, Row<T> reading) throws IOException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(command)) {
            if (!row.next()) {
                throw new SQLException("no row");
            }
            return reading.read(row);
        } catch (SQLException | IllegalArgumentException | ArithmeticException e) {
            throw new IOException(where(source) + " on " + command + ": " + e.getMessage(), e);
        }
    }

    /**
     * Begins a stream; nothing else can be asked in this session afterwards.
     *
     * @param slot that keeps WAL until we confirm it; empty for what the server has anyhow
     * @throws WalGoneException if the server has no WAL of that position any more; may come with the first message too
     */
    Stream stream(Optional<String> slot, Timeline timeline, Lsn start) throws IOException {
        var command =
                "START_REPLICATION " + slot.map(name -> "SLOT " + name + " ").orElse("") + "PHYSICAL " + start
                        + " TIMELINE " + timeline.id();
        try {
            return new Stream(connection.unwrap(PGConnection.class).getCopyAPI().copyDual(command));
        } catch (SQLException e) {
            throw failed(command, e);
        }
    }

    private IOException failed(String what, SQLException e) {
        var message = where(source) + " on " + what + ": " + e.getMessage();
        return UNDEFINED_FILE.equals(e.getSQLState()) ? new WalGoneException(message, e) : new IOException(message, e);
    }

    /** WAL as it comes. */
    final class Stream {
        private final CopyDual copy;

        private Stream(CopyDual copy) {
            this.copy = copy;
        }

        /** The next message; empty when there is none at the moment. */
        Optional<WalMessage> next() throws IOException {
            try {
                byte[] message = copy.readFromCopy(false);
                return message == null ? Optional.empty() : Optional.of(WalMessage.parse(message));
            } catch (SQLException e) {
                throw failed("its stream", e);
            }
        }

        /** Says how far we are. */
        void confirm(Lsn written, Lsn durable, boolean answer) throws IOException {
            try {
                byte[] status = WalMessage.status(written, durable, Instant.now(), answer);
                copy.writeToCopy(status, 0, status.length);
                copy.flushCopy();
            } catch (SQLException e) {
                throw failed("our confirmation", e);
            }
        }
    }

    Source source() {
        return source;
    }

    static String where(Source source) {
        return source.member() + " (" + source.host() + ":" + source.port() + ")";
    }

    /** Ends whatever it does, from any thread. */
    @Override
    public void close() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // It is of no use any more either way.
        }
    }
}
