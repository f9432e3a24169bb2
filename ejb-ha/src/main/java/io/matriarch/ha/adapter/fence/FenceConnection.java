package io.matriarch.ha.adapter.fence;

import io.matriarch.ha.port.FenceException;
import io.matriarch.ha.port.FenceKeeper.Event;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the fence. Several threads may ask at the same time: requests are written at once and the answers come in their
 * order, so that the thread which moves the deadline never waits for another thread's slow request. An answer that comes too late is
 * thrown away without confusing the next one.
 */
final class FenceConnection implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FenceConnection.class);

    /** Unanswered requests beyond this mean a frozen fence; more of them would only fill the socket and block the writer. */
    private static final int MAX_UNANSWERED = 32;

    private final SocketChannel channel;
    private final Consumer<Event> listener;
    private final Deque<CompletableFuture<FenceWire.Line>> unanswered = new ArrayDeque<>();
    private volatile boolean closed;
    private volatile boolean endedByUs;

    private FenceConnection(SocketChannel channel, Consumer<Event> listener) {
        this.channel = channel;
        this.listener = listener;
    }

    /**
     * Connects and starts the thread that reads. Does not block: a Unix-domain socket is connected at once or not at all.
     *
     * @param listener called on the reading thread for every event, and with {@link Event.Disconnected} when the fence (not {@link
     *     #close}) ends the connection
     * @throws IOException nobody listens there
     */
    static FenceConnection open(Path socket, String name, Consumer<Event> listener) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        var connection = new FenceConnection(channel, listener);
        // A platform thread: what it hears is urgent, and must not wait for a free carrier.
        Thread.ofPlatform().daemon().name("fence-" + name).start(connection::read);
        return connection;
    }

    boolean isOpen() {
        return !closed && channel.isOpen();
    }

    /**
     * Asks and blocks for the answer, at most for {@code within}.
     *
     * @throws FenceException unreachable: no answer in time or the connection is gone; else: the fence refused
     */
    FenceWire.Line.Ok ask(Duration within, List<String> words) throws FenceException {
        var answer = new CompletableFuture<FenceWire.Line>();
        String request = FenceWire.request(words);
        synchronized (unanswered) {
            if (closed || unanswered.size() >= MAX_UNANSWERED) {
                throw unreachable(
                        words, closed ? "the connection is closed" : "it has answered nothing for long", null);
            }
            unanswered.add(answer);
            try {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(request + "\n");
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                shut();
                throw unreachable(words, "the connection broke", e);
            }
        }
        return switch (await(answer, within, words)) {
            case FenceWire.Line.Ok ok -> ok;
            case FenceWire.Line.Refused refused ->
                throw new FenceException(
                        "the fence refused " + words.getFirst() + ": " + refused.code() + " " + refused.text(), false);
            case FenceWire.Line.Told told -> throw new IllegalStateException("an event is not an answer: " + told);
            case FenceWire.Line.Unknown unknown ->
                throw new IllegalStateException("an event is not an answer: " + unknown);
        };
    }

    private static FenceWire.Line await(CompletableFuture<FenceWire.Line> answer, Duration within, List<String> words)
            throws FenceException {
        try {
            return answer.get(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw unreachable(words, "no answer within " + within.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw unreachable(words, "the connection ended", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(words, "interrupted", e);
        }
    }

    private static FenceException unreachable(List<String> words, String why, @Nullable Throwable cause) {
        String text = words.getFirst() + " to the fence: " + why;
        return cause == null ? new FenceException(text, true) : new FenceException(text, true, cause);
    }

    private void read() {
        try {
            var lines = new LineReader(channel);
            for (var line = lines.next(); line.isPresent(); line = lines.next()) {
                hear(FenceWire.parse(line.get()));
            }
        } catch (IOException | IllegalArgumentException e) {
            if (!closed) {
                LOG.warnf("The connection to the fence is given up: %s", e.toString());
            }
        } finally {
            boolean byUs = endedByUs;
            shut();
            if (!byUs) {
                listener.accept(new Event.Disconnected());
            }
        }
    }

    private void hear(FenceWire.Line line) {
        switch (line) {
            case FenceWire.Line.Told told -> listener.accept(told.event());
            case FenceWire.Line.Unknown unknown -> LOG.debugf("Unknown event of the fence: %s", unknown.text());
            case FenceWire.Line.Ok ok -> answered(ok);
            case FenceWire.Line.Refused refused -> answered(refused);
        }
    }

    private void answered(FenceWire.Line line) {
        CompletableFuture<FenceWire.Line> first;
        synchronized (unanswered) {
            first = unanswered.poll();
        }
        if (first == null) {
            throw new IllegalArgumentException("an answer without a question: " + line);
        }
        first.complete(line);
    }

    private void shut() {
        List<CompletableFuture<FenceWire.Line>> left;
        synchronized (unanswered) {
            closed = true;
            left = List.copyOf(unanswered);
            unanswered.clear();
        }
        left.forEach(answer -> answer.completeExceptionally(new IOException("the fence closed the connection")));
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debugf("Closing the connection to the fence: %s", e.toString());
        }
    }

    /** Ends the connection, not the fence. */
    @Override
    public void close() {
        endedByUs = true;
        shut();
    }
}
