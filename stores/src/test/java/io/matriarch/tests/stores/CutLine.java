package io.matriarch.tests.stores;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A line to a store that breaks: for good after so many bytes were sent, or each connection after so many received. */
final class CutLine implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final AtomicLong left;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile long received = Long.MAX_VALUE;

    /** @param sent after so many bytes towards the store nothing works any more */
    CutLine(int target, long sent) throws IOException {
        this.target = target;
        this.left = new AtomicLong(sent);
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return server.getLocalPort();
    }

    void cutEachConnectionAfter(long bytes) {
        received = bytes;
    }

    /** How often it broke a connection of those that {@link #cutEachConnectionAfter} bounds. */
    int cuts() {
        return cuts.get();
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket store = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(store);
                Thread.ofVirtual().start(() -> up(client, store));
                Thread.ofVirtual().start(() -> down(store, client));
            } catch (IOException e) {
                // The line is cut, or the test over.
            }
        }
    }

    private void up(Socket client, Socket store) {
        byte[] buffer = new byte[1 << 16];
        try (client;
                store) {
            InputStream in = client.getInputStream();
            OutputStream out = store.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (left.addAndGet(-n) < 0) {
                    server.close();
                    return;
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One side hung up.
        }
    }

    private void down(Socket store, Socket client) {
        byte[] buffer = new byte[1 << 16];
        long allowed = received;
        try (client;
                store) {
            InputStream in = store.getInputStream();
            OutputStream out = client.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                allowed -= n;
                if (allowed < 0) {
                    cuts.incrementAndGet();
                    return;
                }
            }
        } catch (IOException e) {
            // One side hung up.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
