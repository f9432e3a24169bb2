package io.matriarch.backup.stream;

import io.matriarch.backup.wal.SegmentName;
import io.matriarch.backup.wal.SegmentSize;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.SystemIdentifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** From a stream into local files, one after the other. */
record Pouring(StreamGate gate, StreamProgress progress, LocalWal local, SegmentSize size, Sink sink) {
    /** How often the server hears of us, and the file comes to the disk. */
    private static final long BEAT_NANOS = Duration.ofSeconds(1).toNanos();
    /** A server that is asked once a second and says nothing for so long is gone. */
    private static final long SILENCE_NANOS = Duration.ofSeconds(10).toNanos();
    /** The driver has no way to wait for a message for a bounded time. */
    private static final long IDLE_NANOS = Duration.ofMillis(20).toNanos();

    /** Takes a whole segment in a local file that is durable. */
    @FunctionalInterface
    interface Sink {
        void store(SegmentName name, Path file) throws IOException;
    }

    /** Receives until the run ends or something fails. */
    void receive(ReplicationSession session, StreamPlan.Run run, Optional<String> slot, SystemIdentifier system)
            throws IOException {
        long number = run.first();
        var file = local.open(size.name(run.timeline(), number), size);
        try {
            var stream = session.stream(slot, run.timeline(), file.position());
            if (slot.isPresent()) {
                progress.streams(session.source().member(), system, run.timeline(), file.position());
            }
            var beat = new Beat(stream);
            long came = System.nanoTime();
            while (gate.goesOn()) {
                var message = stream.next();
                if (beat.isDue(message.isPresent())) {
                    file.sync();
                    beat.say(file.position(), size.start(file.name()), true);
                    progress.publish();
                }
                if (message.isEmpty()) {
                    LockSupport.parkNanos(IDLE_NANOS);
                    // A slot is streamed from for ever; what fills a hole is there at once, or not.
                    if (slot.isEmpty() && System.nanoTime() - came > SILENCE_NANOS) {
                        throw new IOException(ReplicationSession.where(session.source()) + " sends nothing behind "
                                + file.position());
                    }
                } else if (message.get() instanceof WalMessage.Data data) {
                    came = System.nanoTime();
                    if (!data.start().equals(file.position())) {
                        throw new IOException(ReplicationSession.where(session.source()) + " sent WAL of "
                                + data.start() + " where " + file.position() + " comes next");
                    }
                    while (data.bytes().hasRemaining()) {
                        file.write(data.bytes());
                        if (file.isFull()) {
                            sink.store(file.name(), local.completed(file));
                            if (slot.isPresent()) {
                                progress.durable(file.position());
                            }
                            beat.say(file.position(), file.position(), false);
                            if (number == run.last().orElse(-1L)) {
                                return;
                            }
                            file = local.open(size.name(run.timeline(), ++number), size);
                        }
                    }
                } else if (message.get() instanceof WalMessage.Alive alive && alive.answer()) {
                    beat.say(file.position(), size.start(file.name()), false);
                }
                if (slot.isPresent() && message.isPresent()) {
                    progress.received(file.position(), message.get().serverEnd());
                }
            }
        } finally {
            file.close();
        }
    }

    /** What is said from time to time, and that the other side is there. */
    private static final class Beat {
        private final ReplicationSession.Stream stream;
        private long said = System.nanoTime();
        private long heard = System.nanoTime();

        Beat(ReplicationSession.Stream stream) {
            this.stream = stream;
        }

        /** @param hears whether the server said something just now */
        boolean isDue(boolean hears) throws IOException {
            long now = System.nanoTime();
            if (hears) {
                heard = now;
            } else if (now - heard > SILENCE_NANOS) {
                throw new IOException("the server says nothing any more");
            }
            return now - said >= BEAT_NANOS;
        }

        /** An answer to this is asked for once a second: a connection that died is found out by its silence. */
        void say(Lsn written, Lsn durable, boolean answer) throws IOException {
            stream.confirm(written, durable, answer);
            said = System.nanoTime();
            heard = answer ? heard : said;
        }
    }
}
