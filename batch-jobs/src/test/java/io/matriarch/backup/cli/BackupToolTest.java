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

class BackupToolTest {
    private record Canned(int status, String body) {}

    private final Map<String, Queue<Canned>> answers = new ConcurrentHashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private HttpServer server;

    @BeforeEach
    void manager() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var queue = answers.get(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            var answer = queue == null || queue.isEmpty() ? new Canned(404, "{}") : queue.remove();
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length);
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
    void backupIsFollowedToItsEnd() {
        answer("POST /matriarch/v1/backups", 202, "{\"id\": 4, \"job\": \"base-backup\", \"state\": \"RUNNING\"}");
        answer(
                "GET /matriarch/v1/jobs/4",
                200,
                "{\"id\": 4, \"state\": \"RUNNING\", \"progress\": {\"doing\": \"copying from pg1\", \"bytes\": 50, \"total\": 100,"
                        + " \"bytes_per_second\": 2048, \"seconds_left\": 3}}");
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"COMPLETED\", \"outcome\": \"all is well\"}");

        assertThat(run("backup")).isEqualTo(BackupTool.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("all is well\n");
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("copying from pg1\n");
    }

    @Test
    void failedJobSaysWhyAndEndsWithOne() {
        answer("POST /matriarch/v1/backups/newest/verify", 202, "{\"id\": 4, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"it is SUSPECT\"}");

        assertThat(run("verify")).isEqualTo(BackupTool.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("it is SUSPECT");
    }

    @Test
    void refusalIsToldInWords() {
        answer("POST /matriarch/v1/backups", 409, "{\"title\": \"A job runs already\", \"detail\": \"Wait.\"}");

        assertThat(run("backup")).isEqualTo(BackupTool.REFUSED);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("A job runs already. Wait.\n");
    }

    @Test
    void backupsComeAsATable() {
        answer(
                "GET /matriarch/v1/backups",
                200,
                "{\"backups\": [{\"label\": \"b1\", \"state\": \"VERIFIED\", \"stopped_at\": \"2026-11-23T12:00:00.5Z\","
                        + " \"source\": \"pg1\", \"timeline\": 2, \"bytes\": 1536, \"format\": \"zstd\", \"restore_seconds\": 9,"
                        + " \"why\": \"V4 in 12 s\"}]}");

        assertThat(run("backups")).isEqualTo(BackupTool.DONE);
        assertThat(out.toString(StandardCharsets.UTF_8).lines().toList())
                .containsExactly(
                        "BACKUP  STATE     FINISHED              FROM  TL  SIZE     FORMAT  RESTORES IN  WHY",
                        "b1      VERIFIED  2026-11-23 12:00:00Z  pg1   2   1.5 KiB  zstd    9 s          V4 in 12 s");
    }

    @Test
    void wrongUsageIsExplained() {
        assertThat(new BackupTool(stream(out), stream(err), false).run(List.of("backup", "--fast")))
                .isEqualTo(BackupTool.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("usage: backup");
    }

    @Test
    void managerThatIsNotThereIsNamed() {
        server.stop(0);

        assertThat(run("backups")).isEqualTo(BackupTool.REFUSED);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("The manager cannot be reached");
    }

    private void answer(String question, int status, String body) {
        answers.computeIfAbsent(question, q -> new ArrayDeque<>()).add(new Canned(status, body));
    }

    private int run(String... args) {
        var all = new ArrayList<>(List.of(args));
        all.add("--url");
        all.add("http://127.0.0.1:" + server.getAddress().getPort());
        return new BackupTool(stream(out), stream(err), false).run(all);
    }

    private static PrintStream stream(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }
}
