package io.matriarch.ha.adapter.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.matriarch.ha.model.FailsafeView;
import io.matriarch.ha.model.Liveness;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.PeerView;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PeerProbe.Announcement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpPeerProbeTest {
    private static final MemberName N1 = new MemberName("n1");
    private static final MemberName N2 = new MemberName("n2");
    private static final MemberName N3 = new MemberName("n3");
    private static final MemberName N4 = new MemberName("n4");
    private static final String DOCUMENT =
            "{\"state\": \"running\", \"role\": \"replica\", \"xlog\": {\"received_location\": 1}}";
    private static final Announcement SELF =
            new Announcement(N1, "postgres://h/postgres", "http://h:8008/patroni", Optional.empty());
    private static final MonotonicTime NOW = new MonotonicTime(42);

    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch testEnds = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
    private final HttpPeerProbe probe = new HttpPeerProbe(
            new PeerSettings(
                    Optional.of(new PeerSettings.Login("user", "p\u00e4ss")),
                    PeerTls.context(Optional.empty(), Optional.empty())),
            new MonotonicClock() {
                @Override
                public MonotonicTime now() {
                    return NOW;
                }

                @Override
                public Instant wallClock() {
                    return Instant.EPOCH;
                }
            });

    @AfterEach
    void stop() {
        testEnds.countDown();
        servers.forEach(s -> s.stop(0));
        threads.shutdownNow();
    }

    @Test
    void everybodyIsAskedAtOnceAndTheSilentAreNamed() throws Exception {
        try (var deaf = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Map<MemberName, String> urls = Map.of(
                    N1,
                    server(answering(503, DOCUMENT)),
                    N2,
                    "http://127.0.0.1:" + deaf.getLocalPort() + "/patroni",
                    N3,
                    "http://127.0.0.1:1/patroni",
                    N4,
                    "not a url");
            long start = System.nanoTime();

            Map<MemberName, PeerView> views = probe.ask(urls, Duration.ofMillis(1_000));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
            assertThat(views.get(N1).liveness()).isEqualTo(Liveness.ALIVE);
            assertThat(List.of(N2, N3, N4))
                    .allSatisfy(n -> assertThat(views.get(n)).isEqualTo(PeerView.silent(n)));
        }
    }

    @Test
    void whoDripsIsNotWaitedFor() throws Exception {
        String dripping = server(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 1_000; i++) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
                if (await(50)) {
                    return;
                }
            }
        });
        long start = System.nanoTime();

        Map<MemberName, PeerView> views = probe.ask(Map.of(N1, dripping), Duration.ofMillis(500));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        assertThat(views.get(N1)).isEqualTo(PeerView.silent(N1));
    }

    @Test
    void failsafeTellsConsentRefusalAndSilenceApart() throws Exception {
        Map<MemberName, String> urls = Map.of(
                N2, server(answering(200, "Accepted")),
                N3, server(answering(500, "Running as a leader")),
                N4, "http://127.0.0.1:1/patroni");

        FailsafeView view = probe.confirmFailsafe(SELF, urls, Duration.ofSeconds(5));

        assertThat(view.askedAt()).contains(NOW);
        assertThat(view.confirmedBy()).containsExactly(N2);
        assertThat(view.refusedBy()).containsExactly(N3);
        assertThat(requests)
                .hasSize(2)
                .allMatch(r -> r.equals(
                        "POST /failsafe Basic dXNlcjpww6Rzcw== {\"name\": \"n1\", \"conn_url\": \"postgres://h/postgres\","
                                + " \"api_url\": \"http://h:8008/patroni\"}"));
    }

    @Test
    void nobodyToAskIsAnAnswerToo() {
        assertThat(probe.ask(Map.of(), Duration.ofSeconds(1))).isEmpty();
        assertThat(probe.confirmFailsafe(SELF, Map.of(), Duration.ofSeconds(1)).confirmedBy())
                .isEmpty();
    }

    @Test
    void noThreadStaysBehind() throws Exception {
        try (var deaf = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            probe.ask(Map.of(N2, "http://127.0.0.1:" + deaf.getLocalPort() + "/patroni"), Duration.ofMillis(300));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (peerThreads() > 0) {
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.onSpinWait();
            }
        }
    }

    private static long peerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("peer "))
                .count();
    }

    private boolean await(long millis) {
        try {
            return testEnds.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private HttpHandler answering(int status, String body) {
        return exchange -> {
            String received = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " " + received);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        };
    }

    private String server(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        server.setExecutor(threads);
        server.createContext("/", handler);
        server.start();
        servers.add(server);
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/patroni";
    }
}
