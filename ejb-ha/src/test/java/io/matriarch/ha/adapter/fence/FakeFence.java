package io.matriarch.ha.adapter.fence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Listens where the fence would, remembers what it was asked and answers as the test says. */
final class FakeFence implements AutoCloseable {
    static final String IDLE = "OK version=1 pid=4711 now=10 state=IDLE postmaster=0 deadline=0 proof= saved=none";

    private final ServerSocketChannel server;
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private volatile Function<String, Optional<String>> answers = request ->
            Optional.of(request.startsWith("HELLO") || request.equals("STATUS") ? IDLE : "OK deadline=0 postmaster=0");
    private volatile Optional<SocketChannel> last = Optional.empty();

    FakeFence(Path directory) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.resolve("fence.sock")));
        Thread.ofVirtual().start(this::accept);
    }

    /** An empty answer is silence. */
    void answer(Function<String, Optional<String>> how) {
        answers = how;
    }

    String nextRequest() throws InterruptedException {
        String request = requests.poll(5, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request came");
        }
        return request;
    }

    void tell(String line) throws IOException {
        write(last.orElseThrow(), line);
    }

    /** Ends the newest connection, as a fence does that dies or obeys another agent. */
    void hangUp() throws IOException {
        last.orElseThrow().close();
    }

    private void accept() {
        try {
            while (server.isOpen()) {
                SocketChannel client = server.accept();
                last = Optional.of(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void serve(SocketChannel client) {
        try (var reader = new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                requests.add(line);
                Optional<String> answer = answers.apply(line);
                if (answer.isPresent()) {
                    write(client, answer.get());
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // the client or the test hung up
        }
    }

    private static void write(SocketChannel client, String line) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        synchronized (client) {
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
