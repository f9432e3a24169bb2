package io.matriarch.backup.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.matriarch.backup.ManagerBoard;
import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.Promise.State;
import io.matriarch.ha.config.Secret;
import io.matriarch.ha.config.WebhookConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real listener. */
class AlarmsTest {
    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final ManagerBoard board = new ManagerBoard();
    private HttpServer server;
    private volatile int status = 204;
    private String path = "/s3cr3t";

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            received.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Alarms alarms() {
        return new Alarms("m1", () -> Optional.of(config(path)), () -> Optional.of("demo"), board, Clock.systemUTC());
    }

    private WebhookConfig config(String to) {
        var url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + to);
        return new WebhookConfig(url, Optional.of(Secret.of("t0k3n")), Duration.ofDays(1));
    }

    @Test
    void whoeverIsToldFromNowOnHearsHowEverythingStands() {
        var alarms = alarms();
        board.show(List.of(new Promise("backup", State.BROKEN, "none since noon")));
        alarms.turn();
        alarms.turn();
        assertThat(received).hasSize(1);

        path = "/other";
        alarms.turn();
        assertThat(received).hasSize(2);
        assertThat(received.get(1)).contains("\"kind\":\"ping\"", "none since noon");
    }

    @Test
    void aBrokenPromiseIsToldWithTheToken() {
        var alarms = alarms();
        board.show(List.of(new Promise("backup", State.KEPT, "fine")));
        alarms.turn();
        board.show(List.of(new Promise("backup", State.BROKEN, "none since noon")));
        alarms.turn();
        alarms.turn();

        assertThat(received).hasSize(2);
        assertThat(received.get(0)).startsWith("Bearer t0k3n {\"kind\":\"ping\"");
        assertThat(received.get(1))
                .contains("\"kind\":\"change\"", "\"promise\":\"backup\"", "\"state\":\"BROKEN\"", "none since noon");
        assertThat(alarms.channel())
                .hasValueSatisfying(p -> assertThat(p.state()).isEqualTo(State.KEPT));
    }

    @Test
    void aWebhookThatRefusesIsABrokenPromiseThatTellsNoSecret() {
        status = 500;
        var alarms = alarms();
        board.show(List.of(new Promise("backup", State.KEPT, "fine")));
        alarms.turn();

        assertThat(alarms.channel()).hasValueSatisfying(p -> {
            assertThat(p.state()).isEqualTo(State.BROKEN);
            assertThat(p.sentence()).contains("status 500").doesNotContain("s3cr3t", "t0k3n");
        });
    }

    @Test
    void aManagerThatIsNotElectedTellsNothing() {
        var alarms = alarms();
        alarms.turn();

        assertThat(received).isEmpty();
        assertThat(alarms.channel()).isEmpty();
    }
}
