package io.matriarch.web.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.RestartRequest;
import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.MemberName;
import io.matriarch.web.patroni.Bodies.Parsed;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {

    @Test
    void patronictlSendsTheCandidateOrNull() {
        var request = Bodies.switchover(
                true, Json.parseObject("{\"candidate\": null, \"leader\": \"n1\", \"scheduled_at\": null}"));

        assertThat(request.leader()).contains(new MemberName("n1"));
        assertThat(request.candidate()).isEmpty();
        assertThat(request.scheduledAt()).isEmpty();
    }

    @Test
    void memberIsTheOldNameOfTheCandidate() {
        assertThat(Bodies.switchover(false, Json.parseObject("{\"member\":\"n2\"}"))
                        .candidate())
                .contains(new MemberName("n2"));
    }

    @Test
    void aRestartWithAllThatIsUnderstood() {
        var parsed = Bodies.restart(Json.parseObject(
                "{\"role\":\"replica\",\"postgres_version\":\"15.4\",\"timeout\":\"1min\",\"restart_pending\":true}"));

        assertThat(parsed)
                .isEqualTo(new Parsed.Ok<>(new RestartRequest(
                        Optional.of("replica"), Optional.of(150004), true, Optional.of(Duration.ofMinutes(1)))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"rol\":\"replica\"}",
                "{\"role\":\"king\"}",
                "{\"postgres_version\":\"x\"}",
                "{\"timeout\":\"soon\"}",
                "{\"timeout\":0}",
                "{\"schedule\":\"2030-01-01T00:00:00+00:00\"}"
            })
    void aRestartThatIsNotUnderstoodIsRefused(String body) {
        assertThat(Bodies.restart(Json.parseObject(body)))
                .isInstanceOfSatisfying(
                        Parsed.Wrong.class, wrong -> assertThat(wrong.status()).isEqualTo(400));
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /foo, false",
        "DELETE, /failover, false",
        "PUT, /restart, false",
        "PATCH, /config/anything, true",
        "POST, /switchover, true",
        "DELETE, /switchover, true",
        "POST, /failsafe, true",
        "TRACE, /, false"
    })
    void whatHasNoHandlerIsNotImplemented(String method, String path, boolean known) {
        assertThat(PatroniApi.isCommand(method, path)).isEqualTo(known);
    }

    @Test
    void theRefusalHasTheWordsThatPatronictlLooksFor() {
        var answer = PatroniApi.unsupported("POST");

        assertThat(answer.status()).isEqualTo(501);
        assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("Server does not support this operation");
    }

    @ParameterizedTest
    @CsvSource({
        "/primary, true",
        "/, true",
        "/replica, true",
        "/health, true",
        "/health/live, false",
        "/matriarch/replicas, false",
        "/cluster, false",
        "/patroni, false"
    })
    void probesAreAnsweredEarly(String path, boolean early) {
        assertThat(ProbeHandler.isProbe(path)).isEqualTo(early);
    }
}
