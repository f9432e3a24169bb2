package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.tests.support.Endpoint;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Faults;
import io.matriarch.tests.support.Haproxy;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.OnCluster;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Verdict;
import io.matriarch.tests.support.Watch;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A client behind HAProxy, whose checks are the ones of Patroni's documentation, unchanged. */
@OnCluster
@Order(8)
class HaproxySystemIT {
    private static final Duration SEEN_BY_HAPROXY = Haproxy.notices().plus(Limits.HOST_LOSS);

    @Test
    void writesGoOnAfterASwitchoverAndAfterTheHostOfThePrimaryIsLost(MatriarchCluster cluster) throws IOException {
        Verdict verdict;
        try (Haproxy haproxy = Haproxy.before(cluster, "OPTIONS");
                Watch watch = Watch.through(cluster, haproxy.writes())) {
            readsGoToReplicas(cluster, haproxy.reads());

            Member first = cluster.primary();
            Member second = cluster.replicas().get(0);
            assertThat(cluster.switchover(first, second).status()).isEqualTo(200);
            cluster.waitForLeader(second, Limits.SWITCHOVER);
            watch.awaitWriteSince(System.nanoTime(), SEEN_BY_HAPROXY);
            readsGoToReplicas(cluster, haproxy.reads());

            Faults.loseHost(second);
            Member third = cluster.waitForOtherLeader(second, Limits.HOST_LOSS);
            watch.awaitWriteSince(System.nanoTime(), SEEN_BY_HAPROXY);
            second.start();
            cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
            assertThat(cluster.primary()).isEqualTo(third);
            verdict = watch.finish();
        }

        verdict.assertNeverTwo().assertOnlyTheTailLost(Limits.UNDISTURBED).assertSilenceAtMost(SEEN_BY_HAPROXY);
    }

    @Test
    void checksByHeadRouteTheSame(MatriarchCluster cluster) {
        try (Haproxy haproxy = Haproxy.before(cluster, "HEAD");
                Watch watch = Watch.through(cluster, haproxy.writes())) {
            readsGoToReplicas(cluster, haproxy.reads());
            watch.finish().assertNothingLost();
        }
    }

    /** What old load balancers send: HTTP/1.0, no Host, and the end of the connection is the end of the answer. */
    @Test
    void checksInHttp10WithoutAHostAreAnswered(MatriarchCluster cluster) throws IOException {
        Member primary = cluster.primary();
        Member replica = cluster.replicas().get(0);

        assertThat(http10(primary, "GET /primary")).startsWith("HTTP/1.").contains(" 200 ", primary.name());
        assertThat(http10(replica, "GET /primary")).startsWith("HTTP/1.").contains(" 503 ", replica.name());
        assertThat(http10(primary, "HEAD /primary"))
                .startsWith("HTTP/1.")
                .contains(" 200 ")
                .endsWith("\r\n\r\n");
        assertThat(http10(replica, "HEAD /replica"))
                .startsWith("HTTP/1.")
                .contains(" 200 ")
                .endsWith("\r\n\r\n");
    }

    private static String http10(Member member, String request) throws IOException {
        try (Socket socket = new Socket(member.host().address(), member.restPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write((request + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void readsGoToReplicas(MatriarchCluster cluster, Endpoint reads) {
        Set<String> replicas = cluster.replicas().stream()
                .map(m -> Integer.toString(m.postgresPort()))
                .collect(Collectors.toCollection(TreeSet::new));
        Eventually.find("both replicas are read from, and nobody else", SEEN_BY_HAPROXY, () -> {
            Set<String> seen = new TreeSet<>();
            for (int i = 0; i < 2 * cluster.members().size(); i++) {
                seen.add(Sql.ask(reads, "select current_setting('port')"));
            }
            return seen.equals(replicas) ? Eventually.Look.found(true) : Eventually.Look.missing("ports " + seen);
        });
    }
}
