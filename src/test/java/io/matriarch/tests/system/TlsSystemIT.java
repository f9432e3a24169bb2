package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.tests.support.Authority;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster whose REST interface speaks TLS and takes commands only from clients that show a certificate. */
class TlsSystemIT {
    private static final Path FILES = Workplace.newDirectory();

    private static Http withCertificate;
    private static Http withoutCertificate;
    private static MatriarchCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        var authority = new Authority(FILES).issue("members").issue("operator").issue("renewed");
        withCertificate = Http.over(authority.client(Optional.of("operator")));
        withoutCertificate = Http.over(authority.client(Optional.empty()));
        var rest = List.of(
                "certfile: " + authority.cert("members"),
                "keyfile: " + authority.key("members"),
                "cafile: " + authority.certificate(),
                "verify_client: optional",
                "ciphers: HIGH:!aNULL:!SHA1",
                "https_extra_headers: {Strict-Transport-Security: max-age=60}");
        cluster = MatriarchCluster.start(
                ClusterPlan.threeMembers().withMembers(2).withRest(new ClusterPlan.Rest(rest, withoutCertificate)));
    }

    @AfterAll
    static void stop() {
        cluster.close();
        Workplace.remove(FILES);
    }

    @Test
    void healthIsOpenToAllAndPlainHttpIsNotServed() throws IOException {
        Member primary = cluster.primary();

        assertThat(withoutCertificate.get(primary.restUrl("/primary")).status()).isEqualTo(200);
        assertThat(cluster.etcd().value("/service/herd/members/" + primary.name()))
                .contains("\"api_url\":\"" + primary.restUrl("/patroni") + "\"");
        assertThatThrownBy(() -> Http.DIRECT.get(primary.restUrl("/primary").replace("https:", "http:")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void commandsNeedACertificateAndMembersAskEachOtherOverTls() throws IOException {
        Member from = cluster.primary();
        Member to = cluster.replicas().get(0);
        String body = "{\"leader\":\"" + from.name() + "\",\"candidate\":\"" + to.name() + "\"}";

        Http.Answer refused = withoutCertificate.post(from.restUrl("/switchover"), body);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("client certificate required");

        // The candidate is asked for its position, and that by its https api_url, before anything is written.
        Http.Answer done = withCertificate.post(from.restUrl("/switchover"), body);
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        cluster.waitForLeader(to, Limits.SWITCHOVER);
        cluster.waitHealthy(MatriarchCluster.HEAL_LIMIT);
    }
}
