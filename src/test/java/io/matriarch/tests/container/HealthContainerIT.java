package io.matriarch.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.EnterpriseArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The health checks are found in the EAR's lib directory and answer on the management port. */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
class HealthContainerIT {

    private final HttpClient client = HttpClient.newHttpClient();

    @Deployment
    static EnterpriseArchive deployment() {
        return Deployments.withoutLoop(HealthContainerIT.class);
    }

    @Test
    void agentThatHasNotLookedYetIsLive() throws IOException, InterruptedException {
        HttpResponse<String> live = get("live");

        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(live.body()).contains("matriarch-loop");
    }

    @Test
    void agentThatHasNotLookedYetIsNotReady() throws IOException, InterruptedException {
        HttpResponse<String> ready = get("ready");

        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("matriarch-member");
    }

    @Test
    void agentThatHasNotLookedYetHasNotStarted() throws IOException, InterruptedException {
        HttpResponse<String> started = get("started");

        assertThat(started.statusCode()).isEqualTo(503);
        assertThat(started.body()).contains("matriarch-started");
    }

    private HttpResponse<String> get(String check) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:29990/health/" + check);
        return client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
