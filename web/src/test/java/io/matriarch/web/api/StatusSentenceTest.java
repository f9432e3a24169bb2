package io.matriarch.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.json.Json;
import io.matriarch.web.support.Statuses;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusSentenceTest {
    private static String document(Statuses statuses) {
        return Json.spaced(StatusSentence.of(statuses.make(), Statuses.NOW).document());
    }

    @Test
    void aHealthyClusterNeedsNothing() {
        assertThat(document(Statuses.of("n1")))
                .isEqualTo("{\"writes\": \"ok\", \"leader\": \"n1\", \"since\": \"2026-11-23T05:30:13.716425Z\", "
                        + "\"sentence\": \"Writes are accepted by n1 since 2026-11-23T05:30:13.716425Z. Nothing needs to be done.\", "
                        + "\"todo\": \"Nothing needs to be done.\"}");
    }

    @Test
    void withoutLeaderWritesAreRefused() {
        var leaderless = Statuses.of("n2");
        leaderless.leader = Optional.empty();

        assertThat(document(leaderless)).contains("\"writes\": \"refused\"").contains("nobody holds the leader key");
    }

    @Test
    void withoutDcsNobodyKnowsUnlessFailsafeHolds() {
        var lost = Statuses.of("n2");
        lost.dcsLost = true;
        var holding = Statuses.of("n1");
        holding.dcsLost = true;
        holding.failsafeActive = true;

        assertThat(document(lost)).contains("\"writes\": \"unknown\"").contains("Repair etcd: no endpoint answers.");
        assertThat(document(holding)).contains("\"writes\": \"ok\"").contains("every member confirms it");
    }

    @Test
    void aSilentLoopIsSaid() {
        var sentence = StatusSentence.of(Statuses.of("n1").make(), Statuses.NOW.plus(Duration.ofSeconds(25)));

        assertThat(sentence.writes()).isEqualTo(StatusSentence.Writes.UNKNOWN);
        assertThat(sentence.finding()).contains("25 s");
    }
}
