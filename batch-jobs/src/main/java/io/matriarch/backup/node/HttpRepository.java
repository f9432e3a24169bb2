package io.matriarch.backup.node;

import io.matriarch.backup.repository.ArrayInput;
import io.matriarch.backup.repository.Frames;
import io.matriarch.backup.repository.Frames.SenderFailedException;
import io.matriarch.backup.repository.Repository;
import io.matriarch.ha.api.MemberCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The repository of a manager, read through its REST interface; nothing can be written. A connection that breaks is made anew, for some twenty
 * seconds; what is read goes on where it was.
 */
public final class HttpRepository implements Repository {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration READ = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int MOST_TRIES = 6;
    private static final long FIRST_PAUSE_NANOS = 500_000_000L;
    private static final int MOST_WORDS = 2_000;

    private final URI manager;
    private final MemberCalls calls;
    private final Interruption interruption;

    /** Throws when the reading shall end. */
    @FunctionalInterface
    public interface Interruption {
        void check() throws IOException;
    }

    /** @param manager its REST interface, without a path */
    public HttpRepository(URI manager, MemberCalls calls, Interruption interruption) {
        this.manager = manager;
        this.calls = calls;
        this.interruption = interruption;
    }

    @Override
    public Optional<InputStream> open(String name) throws IOException {
        return trying(name, () -> connect("object?name=" + encoded(name) + "&from=0"))
                .map(first -> new Resuming(name, first));
    }

    @Override
    public List<Entry> list(String prefix) throws IOException {
        return trying(prefix, () -> {
            var stream = connect("objects?prefix=" + encoded(prefix))
                    .orElseThrow(() -> new IOException(manager + " is no manager, or of an older version"));
            try (stream) {
                var entries = new ArrayList<Entry>();
                // A long archive has a long list, and the agent a small heap.
                var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    entries.add(entry(line));
                }
                return List.copyOf(entries);
            }
        });
    }

    private static Entry entry(String line) throws IOException {
        var part = line.split(" ", 3);
        try {
            return new Entry(part[2], Long.parseLong(part[0]), Instant.parse(part[1]));
        } catch (IndexOutOfBoundsException | NumberFormatException | DateTimeException e) {
            throw new IOException("a line of the list of objects is none: " + line, e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Empty when there is no such object. */
    private Optional<InputStream> connect(String question) throws IOException {
        var connection = calls.open("GET", manager.resolve("/matriarch/v1/repository/" + question), CONNECT, READ);
        int status = connection.getResponseCode();
        if (status == OK) {
            return Optional.of(new Received(connection, Frames.receive(connection.getInputStream())));
        }
        try (var said = connection.getErrorStream()) {
            var words = said == null ? "" : new String(said.readNBytes(MOST_WORDS), StandardCharsets.UTF_8).strip();
            if (status == NOT_FOUND && words.contains("NO_OBJECT")) {
                return Optional.empty();
            }
            throw new SaidNoException(manager + " answers " + status + " to the reading of its repository: " + words);
        } finally {
            connection.disconnect();
        }
    }

    /** An answer, which another try would not change. */
    private static final class SaidNoException extends IOException {
        private static final long serialVersionUID = 1;

        SaidNoException(String message) {
            super(message);
        }
    }

    @FunctionalInterface
    private interface Try<T> {
        T now() throws IOException;
    }

    private <T> T trying(String what, Try<T> reading) throws IOException {
        for (int tries = 1; ; tries++) {
            interruption.check();
            try {
                return reading.now();
            } catch (SaidNoException | SenderFailedException e) {
                throw e;
            } catch (IOException e) {
                giveUp(what, tries, e);
            }
        }
    }

    /** Returns when it is time for another try. */
    private void giveUp(String what, int tries, IOException broken) throws IOException {
        interruption.check();
        if (tries >= MOST_TRIES || Thread.currentThread().isInterrupted()) {
            throw new IOException(
                    "\"" + what + "\" cannot be read from the repository of " + manager + ": " + broken, broken);
        }
        LockSupport.parkNanos(FIRST_PAUSE_NANOS << (tries - 1));
    }

    /** A connection is not kept for another question when what it sends is not wanted to its end. */
    private static final class Received extends InputStream {
        private final HttpURLConnection connection;
        private final InputStream in;

        Received(HttpURLConnection connection, InputStream in) {
            this.connection = connection;
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return in.read(bytes, offset, length);
        }

        @Override
        public void close() {
            connection.disconnect();
        }
    }

    private final class Resuming extends ArrayInput {
        private final String name;
        private InputStream in;
        private long position;

        Resuming(String name, InputStream in) {
            this.name = name;
            this.in = in;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int tries = 0;
            while (true) {
                interruption.check();
                try {
                    int n = in.read(bytes, offset, length);
                    position += Math.max(n, 0);
                    return n;
                } catch (SenderFailedException e) {
                    throw new IOException(name + " cannot be read by " + manager + ": " + e.getMessage(), e);
                } catch (IOException e) {
                    tries++;
                    reopen(tries, e);
                }
            }
        }

        private void reopen(int triesBefore, IOException broken) throws IOException {
            int tries = triesBefore;
            in.close();
            for (IOException last = broken; ; tries++) {
                giveUp(name, tries, last);
                try {
                    in = connect("object?name=" + encoded(name) + "&from=" + position)
                            .orElseThrow(() -> new SaidNoException(name + " was deleted while it was read"));
                    return;
                } catch (SaidNoException e) {
                    throw e;
                } catch (IOException e) {
                    last = e;
                }
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    @Override
    public Entry create(String name, Content content) throws IOException {
        throw readOnly();
    }

    @Override
    public List<Entry> createAll(String folder, Filling filling) throws IOException {
        throw readOnly();
    }

    @Override
    public void delete(String name) throws IOException {
        throw readOnly();
    }

    @Override
    public int forgetPartials(Duration age, Instant now) throws IOException {
        throw readOnly();
    }

    @Override
    public int forgetUnfinished(String parent) throws IOException {
        throw readOnly();
    }

    private static IOException readOnly() {
        return new IOException("the repository of a manager can only be read from here");
    }

    @Override
    public Optional<Long> freeBytes() {
        return Optional.empty();
    }
}
