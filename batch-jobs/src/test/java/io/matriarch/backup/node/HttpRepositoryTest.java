package io.matriarch.backup.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.matriarch.backup.repository.Frames;
import io.matriarch.backup.repository.Repository.Entry;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.api.MemberCalls;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpRepositoryTest {
    private static final byte[] CONTENT = new byte[300_000];
    private static final String OBJECT = "/matriarch/v1/repository/object?name=base%2Fx&from=";

    private final List<String> asked = new ArrayList<>();
    private final Halt halt = new Halt();
    private HttpServer server;
    private HttpRepository repository;

    @BeforeEach
    void manager() throws IOException {
        new Random(1).nextBytes(CONTENT);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        var uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        repository = new HttpRepository(uri, MemberCalls.plain(Optional.empty()), halt::check);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void anObjectComesWhole() throws IOException {
        answers(exchange -> send(exchange, framed(CONTENT)));

        try (var in = repository.open("base/x").orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
        assertThat(asked).containsExactly(OBJECT + 0);
    }

    @Test
    void whatBrokeGoesOnWhereItWas() throws IOException {
        answers(exchange -> {
            long from = Long.parseLong(exchange.getRequestURI().getQuery().replaceFirst(".*from=", ""));
            var rest = framed(Arrays.copyOfRange(CONTENT, (int) from, CONTENT.length));
            // Twice it ends in the middle, though by HTTP all is well.
            send(exchange, asked.size() < 3 ? Arrays.copyOf(rest, rest.length / 2) : rest);
        });

        try (var in = repository.open("base/x").orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
        assertThat(asked).hasSize(3).startsWith(OBJECT + 0);
        assertThat(asked.get(2)).isNotEqualTo(asked.get(1));
    }

    @Test
    void whatTheManagerCannotReadIsItsOwnFailureAndNotTheEnd() throws IOException {
        var broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("bad block");
            }
        };
        var sent = new ByteArrayOutputStream();
        Frames.send(broken, sent);
        answers(exchange -> send(exchange, sent.toByteArray()));

        try (var in = repository.open("base/x").orElseThrow()) {
            assertThatThrownBy(in::readAllBytes).hasMessageContaining("base/x").hasMessageContaining("bad block");
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatIsNotThereIsEmptyAndARefusalIsNot() throws IOException {
        answers(exchange -> refuse(exchange, 404, "{\"code\": \"NO_OBJECT\"}"));
        assertThat(repository.open("base/x")).isEmpty();

        answers(exchange -> refuse(exchange, 404, "no such page"));
        assertThatThrownBy(() -> repository.open("base/x")).hasMessageContaining("404");

        answers(exchange -> refuse(exchange, 401, "not authenticated"));
        assertThatThrownBy(() -> repository.list("base/")).hasMessageContaining("not authenticated");
    }

    @Test
    void aListIsReadLineByLine() throws IOException {
        var lines = "12 2026-06-15T12:00:00Z base/a/b.tar\n9000000000 2026-06-15T12:00:01.5Z wal/1/2.zst\n";
        answers(exchange -> send(exchange, framed(lines.getBytes(StandardCharsets.UTF_8))));

        assertThat(repository.list(""))
                .containsExactly(
                        new Entry("base/a/b.tar", 12, Instant.parse("2026-06-15T12:00:00Z")),
                        new Entry("wal/1/2.zst", 9_000_000_000L, Instant.parse("2026-06-15T12:00:01.5Z")));
    }

    @Test
    void aHaltEndsTheReading() throws IOException {
        answers(exchange -> send(exchange, framed(CONTENT)));

        try (var in = repository.open("base/x").orElseThrow()) {
            halt.ask();
            assertThatThrownBy(in::read).isInstanceOf(Halt.HaltedException.class);
        }
    }

    @Test
    void nothingIsWritten() {
        assertThatThrownBy(() -> repository.create("base/y", out -> {})).hasMessageContaining("only be read");
        assertThatThrownBy(() -> repository.delete("base/y")).hasMessageContaining("only be read");
    }

    private static byte[] framed(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        Frames.send(new ByteArrayInputStream(content), out);
        return out.toByteArray();
    }

    @FunctionalInterface
    private interface Answering {
        void to(HttpExchange exchange) throws IOException;
    }

    private void answers(Answering answering) {
        if (!asked.isEmpty()) {
            server.removeContext("/");
        }
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            answering.to(exchange);
            exchange.close();
        });
    }

    private static void send(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(body);
    }

    private static void refuse(HttpExchange exchange, int status, String words) throws IOException {
        byte[] body = words.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
