package io.matriarch.backup.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WalToolTest {
    private final Map<String, Queue<String>> answers = new ConcurrentHashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HttpServer server;

    @BeforeEach
    void manager() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var queue = answers.get(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            boolean known = queue != null && !queue.isEmpty();
            byte[] body = (known ? queue.remove() : "{\"title\": \"No\"}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void streamThatRunsIsWell() {
        answer(
                "GET /matriarch/v1/wal",
                "{\"state\": \"STREAMING\", \"member\": \"pg2\", \"timeline\": 4, \"durable_lsn\": \"0/5000000\"}");

        assertThat(run()).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("from               pg2", "timeline           4", "in the repository  0/5000000");
    }

    @Test
    void gapAndStandstillAreNot() {
        answer("GET /matriarch/v1/wal", "{\"state\": \"STREAMING\", \"gap\": \"from 0/1 to 0/2\"}");
        answer("GET /matriarch/v1/wal", "{\"state\": \"REPOSITORY_FAILS\", \"why\": \"No space left\"}");

        assertThat(run()).isEqualTo(1);
        assertThat(run("-o", "json")).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("GAP", "from 0/1 to 0/2", "No space left");
    }

    @Test
    void checkIsFollowedToItsEnd() {
        answer("POST /matriarch/v1/wal/check", "{\"id\": 4, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/4", "{\"id\": 4, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/4", "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"WAL lacks\"}");

        assertThat(run("check")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("WAL lacks\n");
    }

    @Test
    void wrongUsageAndRefusalAreTold() {
        assertThat(run("chek")).isEqualTo(2);
        assertThat(run("-o", "xml")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("usage: wal [check]");
        assertThat(run()).as("no manager there").isEqualTo(3);
    }

    private void answer(String question, String body) {
        answers.computeIfAbsent(question, q -> new ArrayDeque<>()).add(body);
    }

    private int run(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", "http://127.0.0.1:" + server.getAddress().getPort()));
        return new WalTool(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(all);
    }
}
