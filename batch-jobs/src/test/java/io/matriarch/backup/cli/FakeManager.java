package io.matriarch.backup.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/** Answers as it was told, each answer once, and remembers what a command said. */
final class FakeManager implements AutoCloseable {
    private record Canned(int status, String body) {}

    private final Map<String, Queue<Canned>> answers = new ConcurrentHashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final HttpServer server;

    FakeManager() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var queue = answers.get(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            var answer = queue == null || queue.isEmpty() ? new Canned(404, "{\"title\": \"No\"}") : queue.remove();
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    /** @param question method and path, for example {@code GET /matriarch/v1/wal} */
    void answer(String question, int status, String body) {
        answers.computeIfAbsent(question, q -> new ArrayDeque<>()).add(new Canned(status, body));
    }

    /** Runs a command with this manager's address behind its own arguments. */
    int run(ToIntFunction<List<String>> command, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", "http://127.0.0.1:" + server.getAddress().getPort()));
        return command.applyAsInt(all);
    }

    Shell shell() {
        return new Shell(stream(out), stream(err), false);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static PrintStream stream(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
