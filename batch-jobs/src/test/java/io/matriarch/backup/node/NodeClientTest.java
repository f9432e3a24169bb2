package io.matriarch.backup.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.matriarch.backup.manager.Tenure;
import io.matriarch.backup.node.NodeWork.Telling;
import io.matriarch.backup.sandbox.Halt;
import io.matriarch.ha.api.MemberCalls;
import io.matriarch.ha.config.BasicCredentials;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a node whose answers are written down. */
class NodeClientTest {
    private static final String RUNS = "{\"state\": \"RUNNING\", \"doing\": \"unpacking\", \"bytes\": 3, \"total\": 9,"
            + " \"reads\": [\"basebackup_1\"]}";
    private static final String DONE = "{\"state\": \"DONE\", \"result\": {\"worked\": true}}";
    private static final String FORGOTTEN = "{\"code\": \"UNKNOWN\", \"detail\": \"there is no task\"}";

    private record Said(int status, String body) {}

    private final Deque<Said> answers = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> paths = new ArrayList<>();
    private final List<String> bodies = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Halt halt = new Halt();
    private boolean elected = true;
    private boolean failing;
    private HttpServer server;

    @BeforeEach
    void node() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod());
            paths.add(exchange.getRequestURI().getPath());
            bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            var said = answers.isEmpty() ? new Said(500, "") : answers.remove();
            byte[] body = said.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(said.status(), body.length);
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
    void aTaskIsWatchedToItsEnd() throws IOException {
        say(200, RUNS);
        say(200, RUNS);
        say(200, DONE);

        assertThat(run().is("worked")).isTrue();

        assertThat(asked).containsExactly("PUT", "GET", "GET");
        assertThat(told).contains("unpacking 3 of 9", "reads basebackup_1");
        assertThat(bodies.getFirst())
                .contains("\"token\":7", "\"manager\":\"m1\"", "\"source\":\"http://m1:8008\"", "\"kind\":\"restore\"")
                .contains("Basic ")
                .doesNotContain("hidden");
    }

    @Test
    void aNodeThatForgotIsToldAgain() throws IOException {
        say(200, RUNS);
        say(404, FORGOTTEN);
        say(200, RUNS);
        say(200, DONE);

        assertThat(run().is("worked")).isTrue();

        assertThat(asked).containsExactly("PUT", "GET", "PUT", "GET");
    }

    @Test
    void aNodeThatStopsByItselfIsToldAgainAsAnotherTask() throws IOException {
        say(200, "{\"state\": \"STOPPED\", \"why\": \"it was stopped\"}");
        say(200, DONE);

        assertThat(run().is("worked")).isTrue();

        assertThat(asked).containsExactly("PUT", "PUT");
        assertThat(paths.get(0)).isNotEqualTo(paths.get(1)).contains("/matriarch/v1/node/tasks/7-");
    }

    @Test
    void aNodeThatIsStillStartingIsWaitedFor() throws IOException {
        say(503, "");
        say(404, "<html>");
        say(200, DONE);

        assertThat(run().is("worked")).isTrue();
    }

    @Test
    void aNodeThatForgetsForEverIsGivenUp() {
        for (int i = 0; i < 20; i++) {
            say(200, RUNS);
            say(404, FORGOTTEN);
        }

        assertThatThrownBy(this::run).isInstanceOf(NodeException.class).hasMessageContaining("no task");
        assertThat(asked.stream().filter("PUT"::equals)).hasSize(5);
    }

    @Test
    void aRefusalIsNotTriedAgain() {
        say(409, "{\"code\": \"STALE\", \"detail\": \"the token 7 is older\"}");

        assertThatThrownBy(this::run)
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("pg2")
                .hasMessageContaining("the token 7 is older");
        assertThat(asked).containsExactly("PUT");
    }

    @Test
    void aFailureIsTheNodesOwnWords() {
        say(200, "{\"state\": \"FAILED\", \"why\": \"the disk is full\"}");

        assertThatThrownBy(this::run).isNotInstanceOf(NodeException.class).hasMessage("the disk is full (on pg2)");
    }

    @Test
    void aStopGoesToTheNodeAndItsEndIsAwaited() {
        say(200, RUNS);
        say(200, RUNS);
        say(200, "{\"state\": \"STOPPED\", \"why\": \"it was stopped\"}");
        halt.ask();

        assertThatThrownBy(this::run).isInstanceOf(Halt.HaltedException.class);
        assertThat(asked).containsExactly("PUT", "DELETE", "GET");
    }

    @Test
    void aTaskThatNobodyWatchesAnyMoreIsStopped() {
        say(200, RUNS);
        failing = true;

        assertThatThrownBy(this::run).hasMessage("nobody listens");
        assertThat(asked).containsExactly("PUT", "DELETE");
        assertThat(paths.get(1)).isEqualTo(paths.get(0));
    }

    @Test
    void aTaskThatHasEndedIsNotStopped() {
        say(200, "{\"state\": \"FAILED\", \"why\": \"the disk is full\"}");

        assertThatThrownBy(this::run).isInstanceOf(IOException.class);
        assertThat(asked).containsExactly("PUT");
    }

    @Test
    void aManagerThatIsNotElectedCommandsNothing() {
        elected = false;

        assertThatThrownBy(this::run).hasMessageContaining("no longer certainly the elected manager");
        assertThat(asked).isEmpty();
    }

    @Test
    void nobodyThereIsNamed() {
        server.stop(0);

        assertThatThrownBy(this::run)
                .isInstanceOf(NodeException.class)
                .extracting(e -> ((NodeException) e).kind())
                .isEqualTo(NodeException.Kind.UNREACHABLE);
    }

    private void say(int status, String body) {
        answers.add(new Said(status, body));
    }

    private JsonObject run() throws IOException {
        var login = new BasicCredentials("matriarch", Secret.of("hidden"));
        var client = new NodeClient(
                "pg2",
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/patroni"),
                MemberCalls.plain(Optional.of(login)),
                new Tenure("m1", 7, () -> elected, () -> !elected),
                "http://m1:8008",
                Duration.ofSeconds(2));
        return client.run("restore", Map.of("step", "plan"), halt, new Telling() {
            @Override
            public void says(String doing) {
                told.add(doing);
            }

            @Override
            public void at(String doing, long bytes, long total) {
                if (failing) {
                    throw new IllegalStateException("nobody listens");
                }
                told.add(doing + " " + bytes + " of " + total);
            }

            @Override
            public void reads(String label) {
                told.add("reads " + label);
            }
        });
    }
}
