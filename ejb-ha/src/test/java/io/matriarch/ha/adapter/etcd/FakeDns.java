package io.matriarch.ha.adapter.etcd;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A name server on loopback that knows some SRV records, given as {@code priority weight port target}. */
final class FakeDns implements AutoCloseable {
    private static final int HEADER = 12;
    private static final int SRV = 33;
    private static final int NO_SUCH_NAME = 3;

    private final DatagramSocket socket;
    private final Map<String, List<String>> records;

    FakeDns(Map<String, List<String>> records) throws IOException {
        this.records = records;
        this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("fake dns").start(this::serve);
    }

    String url() {
        return "dns://127.0.0.1:" + socket.getLocalPort();
    }

    private void serve() {
        try {
            while (true) {
                var question = new DatagramPacket(new byte[512], 512);
                socket.receive(question);
                byte[] answer = answer(ByteBuffer.wrap(question.getData(), 0, question.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
            }
        } catch (IOException closed) {
            // The test has ended.
        }
    }

    private byte[] answer(ByteBuffer question) throws IOException {
        short id = question.getShort();
        var name = new StringBuilder();
        question.position(HEADER);
        for (int length = question.get(); length > 0; length = question.get()) {
            byte[] label = new byte[length];
            question.get(label);
            name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
        }
        int type = question.getShort();
        byte[] asked = new byte[question.position() + 2 - HEADER];
        question.position(HEADER);
        question.get(asked);
        String plain = name.toString().toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        List<String> found = type == SRV ? records.getOrDefault(plain, List.of()) : List.of();
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeShort(id);
        out.writeShort(0x8580 | (records.containsKey(plain) ? 0 : NO_SUCH_NAME));
        out.writeShort(1);
        out.writeShort(found.size());
        out.writeInt(0);
        out.write(asked);
        for (String each : found) {
            record(out, each.split(" "));
        }
        return bytes.toByteArray();
    }

    private static void record(DataOutputStream out, String[] parts) throws IOException {
        var target = new ByteArrayOutputStream();
        for (String label : parts[3].split("\\.")) {
            target.write(label.length());
            target.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        target.write(0);
        out.writeShort(0xC000 | HEADER);
        out.writeShort(SRV);
        out.writeShort(1);
        out.writeInt(60);
        out.writeShort(6 + target.size());
        for (int i = 0; i < 3; i++) {
            out.writeShort(Integer.parseInt(parts[i]));
        }
        out.write(target.toByteArray());
    }

    @Override
    public void close() {
        socket.close();
    }
}
