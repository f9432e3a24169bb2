package io.matriarch.tests.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.tests.support.Authority;
import io.matriarch.tests.support.ClusterPlan;
import io.matriarch.tests.support.Eventually;
import io.matriarch.tests.support.Http;
import io.matriarch.tests.support.Limits;
import io.matriarch.tests.support.MatriarchCluster;
import io.matriarch.tests.support.Member;
import io.matriarch.tests.support.Signals;
import io.matriarch.tests.support.Sql;
import io.matriarch.tests.support.Workplace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster whose REST interface speaks TLS and takes commands only from clients that show a certificate. */
class TlsSystemIT {
    private static final Path FILES = Workplace.newDirectory();
    private static final Path SERVED_CERT = FILES.resolve("served.pem");
    private static final Path SERVED_KEY = FILES.resolve("served.key");

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static Authority authority;
    private static Http withCertificate;
    private static Http withoutCertificate;
    private static MatriarchCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        authority = new Authority(FILES).issue("members").issue("operator").issue("renewed");
        serve("members");
        withCertificate = Http.over(authority.client(Optional.of("operator")));
        withoutCertificate = Http.over(authority.client(Optional.empty()));
        var rest = List.of(
                "certfile: " + SERVED_CERT,
                "keyfile: " + SERVED_KEY,
                "cafile: " + authority.certificate(),
                "verify_client: optional",
                "ciphers: HIGH:!aNULL:!SHA1",
                "https_extra_headers: {Strict-Transport-Security: max-age=60}");
        cluster = MatriarchCluster.start(
                ClusterPlan.threeMembers().withMembers(2).withRest(new ClusterPlan.Rest(rest, withoutCertificate)));
    }

    /** Puts a certificate where the members' configuration looks for it. */
    private static void serve(String name) throws IOException {
        Files.copy(authority.cert(name), SERVED_CERT, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(authority.key(name), SERVED_KEY, StandardCopyOption.REPLACE_EXISTING);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
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

    @Test
    void certificatesSettingsAndTagsAreTakenFromAChangedFileWithoutARestart() throws Exception {
        Member member = cluster.primary();
        String old = Files.readString(member.configuration());
        assertThat(authority.shownBy(member.restUrl(""))).isEqualTo("CN=members");

        serve("renewed");
        Files.writeString(
                member.configuration(),
                old.replace("  parameters:\n", "  parameters:\n    work_mem: '7MB'\n")
                        .replace(
                                "etcd3:\n",
                                "tags: {clonefrom: true}\nlog: {level: DEBUG}\netcd3:\n  username: u\n  password: p\n"));
        Http.Answer reloaded = withCertificate.post(member.restUrl("/reload"), "");

        assertThat(reloaded.status()).as(reloaded.body()).isEqualTo(202);
        assertThat(reloaded.body()).isEqualTo("reload scheduled, but only a restart of the agent changes etcd3");
        assertThat(authority.shownBy(member.restUrl(""))).isEqualTo("CN=renewed");
        Eventually.holds(
                "the new setting",
                LIMIT,
                () -> Sql.ask(member.endpoint(), "show work_mem").equals("7MB"));
        Eventually.holds(
                "the new tag",
                LIMIT,
                () -> cluster.etcd()
                        .value("/service/herd/members/" + member.name())
                        .contains("clonefrom"));

        Files.writeString(member.configuration(), old.replace("scope: herd", "scope: a/b"));
        Http.Answer refused = withCertificate.post(member.restUrl("/reload"), "");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("the old one still holds", "scope: \"a/b\"");
        assertThat(Sql.ask(member.endpoint(), "show work_mem")).isEqualTo("7MB");

        Files.writeString(member.configuration(), old);
        Signals.send("HUP", member.agent().pid());
        Eventually.holds(
                "the old setting",
                LIMIT,
                () -> Sql.ask(member.endpoint(), "show work_mem").equals("4MB"));
        assertThat(member.agentRuns()).isTrue();
    }
}
