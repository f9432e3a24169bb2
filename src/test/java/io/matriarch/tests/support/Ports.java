package io.matriarch.tests.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands out loopback ports that nobody listens on, below the kernel's range for outgoing connections. */
public final class Ports {
    /** The management port of an agent lies this far above its REST port, unless configured. */
    public static final int MANAGEMENT_OFFSET = 1982;

    private static final int FIRST = 20_000;
    private static final int LAST = 28_000;
    private static final AtomicInteger NEXT =
            new AtomicInteger(FIRST + (int) (ProcessHandle.current().pid() % 400) * 15);

    private Ports() {}

    /** A free port. */
    public static int free() {
        for (int tries = 0; tries < LAST - FIRST; tries++) {
            int port = next();
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + FIRST + " and " + LAST);
    }

    /** A free port whose management port is free too. */
    public static int freeForRest() {
        for (int tries = 0; tries < LAST - FIRST; tries++) {
            int port = free();
            if (isFree(port + MANAGEMENT_OFFSET)) {
                return port;
            }
        }
        throw new IllegalStateException("no free pair of ports above " + FIRST);
    }

    private static int next() {
        return NEXT.getAndUpdate(port -> port + 1 >= LAST ? FIRST : port + 1);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
