package io.matriarch.ha.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;

/**
 * A loopback port for a server that a test starts. It lies below the kernel's range for outgoing connections: a port out of
 * that range can be taken by anybody's connection between the look at it and the server's start.
 */
public final class FreePort {
    private static final int FIRST = 12_000;
    private static final int LAST = 19_999;
    private static final RandomGenerator RANDOM = RandomGenerator.getDefault();

    private FreePort() {}

    /** A port nobody listens on, drawn at random, so that two runs of tests do not reach for the same. */
    public static int take() {
        while (true) {
            int port = RANDOM.nextInt(FIRST, LAST + 1);
            if (isFree(port)) {
                return port;
            }
        }
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (BindException taken) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at port " + port, e);
        }
    }
}
