package io.matriarch.tests.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.SocketFactory;

/**
 * Lets pgjdbc speak over a Unix socket, which reaches into any network namespace. Named in the URL as {@code
 * socketFactory};
 * pgjdbc passes {@code socketFactoryArg}, the socket's path. Reads know no time-out: closing the socket ends them.
 */
public final class UnixSocketFactory extends SocketFactory {
    private final Path path;

    /** Called by pgjdbc. */
    public UnixSocketFactory(String path) {
        this.path = Path.of(path);
    }

    @Override
    public Socket createSocket() {
        return new ChannelSocket(path);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new IOException("only unconnected sockets are made");
    }

    @Override
    public Socket createSocket(String host, int port, java.net.InetAddress local, int localPort) throws IOException {
        throw new IOException("only unconnected sockets are made");
    }

    @Override
    public Socket createSocket(java.net.InetAddress host, int port) throws IOException {
        throw new IOException("only unconnected sockets are made");
    }

    @Override
    public Socket createSocket(java.net.InetAddress host, int port, java.net.InetAddress local, int localPort)
            throws IOException {
        throw new IOException("only unconnected sockets are made");
    }

    private static final class ChannelSocket extends Socket {
        private final Path path;
        private final SocketChannel channel;

        ChannelSocket(Path path) {
            this.path = path;
            try {
                channel = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
            } catch (IOException e) {
                throw new IllegalStateException("no Unix sockets here", e);
            }
        }

        @Override
        public void connect(SocketAddress ignored) throws IOException {
            channel.connect(UnixDomainSocketAddress.of(path));
        }

        @Override
        public void connect(SocketAddress ignored, int timeoutMs) throws IOException {
            connect(ignored);
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                }
            };
        }

        @Override
        public void close() throws IOException {
            channel.close();
            super.close();
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public boolean isClosed() {
            return !channel.isOpen();
        }

        @Override
        public void setTcpNoDelay(boolean on) {}

        @Override
        public boolean getTcpNoDelay() {
            return true;
        }

        @Override
        public void setKeepAlive(boolean on) {}

        @Override
        public void setSoTimeout(int timeoutMs) {}

        @Override
        public int getSoTimeout() {
            return 0;
        }

        @Override
        public void setReceiveBufferSize(int size) {}

        @Override
        public int getReceiveBufferSize() {
            return 65_536;
        }

        @Override
        public void setSendBufferSize(int size) {}

        @Override
        public int getSendBufferSize() {
            return 65_536;
        }
    }
}
