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
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("copying from pg1, 50 %\n");
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
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("unknown option --fast\nusage: backup");
    }

    @Test
    void managerThatIsNotThereIsNamed() {
        server.stop(0);

        assertThat(run("backups")).isEqualTo(BackupTool.REFUSED);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("The manager cannot be reached");
    }

    @Test
    void jobsAreAskedForByFilterAndSayThatThereAreMore() {
        answer(
                "GET /matriarch/v1/jobs?limit=1&before=9&job=base-backup&state=FAILED%2CSTOPPED",
                200,
                "{\"jobs\": [{\"id\": 8, \"job\": \"base-backup\", \"state\": \"FAILED\", \"started_at\": \"2026-11-23T12:00:00Z\","
                        + " \"ended_at\": \"2026-11-23T12:01:00Z\", \"outcome\": \"no backup\"}], \"next\": \"/matriarch/v1/jobs\"}");

        assertThat(run("jobs", "--job=base-backup", "--state", "FAILED,STOPPED", "--limit", "1", "--before", "9"))
                .isEqualTo(BackupTool.DONE);
        assertThat(said().lines().toList())
                .containsExactly(
                        "ID  JOB          STATE   STARTED               ENDED                 OUTCOME",
                        "8   base-backup  FAILED  2026-11-23 12:00:00Z  2026-11-23 12:01:00Z  no backup",
                        "There are older ones: --before 8");
    }

    @Test
    void oneJobIsShownWithParametersAndSteps() {
        answer(
                "GET /matriarch/v1/jobs/8",
                200,
                "{\"id\": 8, \"job\": \"verify-backup\", \"state\": \"RUNNING\", \"started_at\": \"2026-11-23T12:00:00Z\","
                        + " \"parameters\": {\"label\": \"b1\"}, \"steps\": [{\"name\": \"verify\", \"state\": \"RUNNING\","
                        + " \"started_at\": \"2026-11-23T12:00:00Z\"}], \"progress\": {\"doing\": \"copying\", \"bytes\": 512,"
                        + " \"total\": 1024, \"bytes_per_second\": 256, \"seconds_left\": 2}}");

        assertThat(run("jobs", "8")).isEqualTo(BackupTool.DONE);
        assertThat(said())
                .contains("label      b1\n")
                .contains("copying [############............] 50 %  512 B of 1.0 KiB  256 B/s  2 s left")
                .contains("verify  RUNNING  2026-11-23 12:00:00Z");
    }

    @Test
    void jobsAsJsonAreWhatTheManagerSaid() {
        answer("GET /matriarch/v1/jobs", 200, "{\"jobs\": []}");

        assertThat(run("jobs", "-o", "json")).isEqualTo(BackupTool.DONE);
        assertThat(said()).isEqualTo("{\"jobs\": []}\n");
    }

    @Test
    void stoppedJobIsFollowedUntilItHasEnded() {
        answer("POST /matriarch/v1/jobs/4/stop", 202, "{\"id\": 4, \"state\": \"STOPPING\", \"job\": \"base-backup\"}");
        answer(
                "GET /matriarch/v1/jobs/4",
                200,
                "{\"id\": 4, \"state\": \"STOPPED\", \"outcome\": \"stopped as asked\"}");

        assertThat(run("jobs", "stop", "4")).isEqualTo(BackupTool.DONE);
        assertThat(said()).isEqualTo("STOPPED: stopped as asked\n");
    }

    @Test
    void jobThatEndedBeforeItCouldBeStoppedIsNoSuccess() {
        answer("POST /matriarch/v1/jobs/4/stop", 202, "{\"id\": 4, \"state\": \"STOPPING\"}");
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"COMPLETED\", \"outcome\": \"b1\"}");

        assertThat(run("jobs", "stop", "4")).isEqualTo(BackupTool.FAILED);
    }

    @Test
    void restartFollowsTheNewExecution() {
        answer("POST /matriarch/v1/jobs/4/restart", 202, "{\"id\": 5, \"state\": \"RUNNING\"}");
        answer("GET /matriarch/v1/jobs/5", 200, "{\"id\": 5, \"state\": \"COMPLETED\", \"outcome\": \"well\"}");

        assertThat(run("jobs", "restart", "4")).isEqualTo(BackupTool.DONE);
        assertThat(said()).isEqualTo("well\n");
    }

    @Test
    void watchInALogSaysEachTenthOnce() {
        for (int bytes : new int[] {1, 5, 12, 19, 50}) {
            answer(
                    "GET /matriarch/v1/jobs/4",
                    200,
                    "{\"id\": 4, \"state\": \"RUNNING\", \"progress\": {\"doing\": \"copying\", \"total\": 100, \"bytes\": "
                            + bytes + "}}");
        }
        answer("GET /matriarch/v1/jobs/4", 200, "{\"id\": 4, \"state\": \"FAILED\", \"outcome\": \"no room\"}");

        assertThat(run("jobs", "watch", "4")).isEqualTo(BackupTool.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8).lines().toList())
                .containsExactly("copying, 0 %", "copying, 10 %", "copying, 50 %", "no room");
    }

    @Test
    void wrongUsageOfJobsIsNamed() {
        assertThat(run("jobs", "stop")).isEqualTo(BackupTool.USAGE);
        assertThat(run("jobs", "eight")).isEqualTo(BackupTool.USAGE);
        assertThat(run("jobs", "-o", "yaml")).isEqualTo(BackupTool.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("stop needs the id of one execution")
                .contains("\"eight\" is no id of an execution")
                .contains("-o is \"yaml\"; allowed: json");
    }

    @Test
    void helpIsNoFailure() {
        assertThat(run("jobs", "--help")).isEqualTo(BackupTool.DONE);
        assertThat(said()).contains("Exit status: 0 done;");
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
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
