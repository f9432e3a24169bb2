package io.matriarch.tests.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/**
 * Hands out loopback ports that nobody listens on, below the kernel's range for outgoing connections. Each JVM has a slice
 * of its own, which it holds by listening on the slice's first port until it ends: between the look at a port and the
 * start of the server that is to have it, no test in another JVM is given the same.
 */
public final class Ports {
    /** The management port of an agent lies this far above its REST port, unless configured. */
    public static final int MANAGEMENT_OFFSET = 1982;

    private static final int FIRST = 20_000;
    private static final int SLICE = MANAGEMENT_OFFSET / 3;
    /** Slices come in groups of three; the management ports of a group's fill the gap before the next group. */
    private static final int GROUPS = 3;

    private static final Slice OWN = claim();
    private static int next = OWN.first();

    private Ports() {}

    /** A free port. */
    public static synchronized int free() {
        for (int tries = 1; tries < SLICE; tries++) {
            next = next + 1 < OWN.first() + SLICE ? next + 1 : OWN.first() + 1;
            if (isFree(next)) {
                return next;
            }
        }
        throw new IllegalStateException("no free port between " + OWN.first() + " and " + (OWN.first() + SLICE));
    }

    /** A free port whose management port is free too. */
    public static int freeForRest() {
        for (int tries = 1; tries < SLICE; tries++) {
            int port = free();
            if (isFree(port + MANAGEMENT_OFFSET)) {
                return port;
            }
        }
        throw new IllegalStateException("no free pair of ports above " + OWN.first());
    }

    /** @param held what keeps other JVMs out, open until this one ends */
    private record Slice(int first, ServerSocket held) {}

    private static Slice claim() {
        for (int group = 0; group < GROUPS; group++) {
            for (int slice = 0; slice < 3; slice++) {
                int first = FIRST + group * 2 * MANAGEMENT_OFFSET + slice * SLICE;
                Optional<ServerSocket> held = listen(first);
                if (held.isPresent()) {
                    return new Slice(first, held.get());
                }
            }
        }
        throw new IllegalStateException("no free slice of ports from " + FIRST + " on: " + 3 * GROUPS
                + " runs of tests hold them, or a server listens on the first port of one");
    }

    private static boolean isFree(int port) {
        Optional<ServerSocket> socket = listen(port);
        socket.ifPresent(Ports::close);
        return socket.isPresent();
    }

    private static Optional<ServerSocket> listen(int port) {
        ServerSocket socket = unbound();
        try {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return Optional.of(socket);
        } catch (IOException taken) {
            close(socket);
            return Optional.empty();
        }
    }

    private static ServerSocket unbound() {
        try {
            return new ServerSocket();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot make a socket", e);
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot close a socket", e);
        }
    }
}
