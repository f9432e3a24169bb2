package io.matriarch.backup.pace;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Passes sessions on to a server, unchanged, and reads what the server sends no faster than it may: TCP then makes the server wait. On
 * loopback, for programs of this machine; whoever connects still has to log in to the server, which sees this machine as ever.
 */
final class Relay implements AutoCloseable {
    /** Small pieces, and no more than this in flight: the server shall work evenly, not in bursts. */
    private static final int PIECE = 1 << 14;

    private static final int WINDOW = 1 << 18;
    private static final int CONNECT_MS = 30_000;

    private final String host;
    private final int port;
    private final RateLimit limit;
    private final ServerSocket entrance;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong passed = new AtomicLong();

    Relay(String host, int port, RateLimit limit) throws IOException {
        this.host = host;
        this.port = port;
        this.limit = limit;
        this.entrance = new ServerSocket(0, 0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        Thread.ofVirtual().name("backup relay").start(this::accept);
    }

    /** On 127.0.0.1. */
    int port() {
        return entrance.getLocalPort();
    }

    /** Bytes that the server sent so far. */
    long passed() {
        return passed.get();
    }

    private void accept() {
        try {
            while (true) {
                var client = entrance.accept();
                Thread.ofVirtual().name("backup relay").start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: nobody will come any more.
        }
    }

    private void serve(Socket client) {
        sockets.add(client);
        try (client;
                var server = new Socket()) {
            server.setReceiveBufferSize(WINDOW);
            // The program's own look only as far as this relay. A server may be silent for the time of a checkpoint,
            // its host may not: the kernel's
            // settings say for how long (net.ipv4.tcp_keepalive_time).
            server.setKeepAlive(true);
            server.connect(new InetSocketAddress(host, port), CONNECT_MS);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Thread.ofVirtual().name("backup relay").start(() -> questions(client, server));
            answers(server.getInputStream(), client.getOutputStream());
        } catch (IOException e) {
            // The program at this end sees its session break, and says so.
        } finally {
            sockets.remove(client);
        }
    }

    private static void questions(Socket client, Socket server) {
        try (server) {
            client.getInputStream().transferTo(server.getOutputStream());
        } catch (IOException e) {
            // Closing the session to the server ends the other direction too.
        }
    }

    private void answers(InputStream server, OutputStream client) throws IOException {
        byte[] piece = new byte[PIECE];
        for (int bytes = server.read(piece); bytes >= 0; bytes = server.read(piece)) {
            passed.addAndGet(bytes);
            client.write(piece, 0, bytes);
            long wait = limit.taken(bytes, System.nanoTime());
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            }
        }
    }

    /** Ends all sessions: each at the program's side, which ends the other. */
    @Override
    public void close() throws IOException {
        entrance.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
