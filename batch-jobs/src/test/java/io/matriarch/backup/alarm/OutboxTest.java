package io.matriarch.backup.alarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.ManagerBoard.Promise;
import io.matriarch.backup.ManagerBoard.Promise.State;
import io.matriarch.backup.alarm.Outbox.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final Duration DAY = Duration.ofDays(1);
    private final Outbox outbox = new Outbox("demo", "m1");

    private static Instant at(int seconds) {
        return Instant.parse("2026-11-23T12:00:00Z").plusSeconds(seconds);
    }

    private static List<Promise> backup(State state) {
        return List.of(new Promise("backup", state, "it is " + state));
    }

    private Optional<Message> next(State state, int seconds) {
        return outbox.next(backup(state), DAY, at(seconds));
    }

    private void tell(State state, int seconds) {
        outbox.delivered(next(state, seconds).orElseThrow(), at(seconds));
    }

    @Test
    void firstItIsToldHowEverythingStands() {
        var first = next(State.KEPT, 0).orElseThrow();

        assertThat(first.document()).containsEntry("kind", "ping").containsEntry("cluster", "demo");
        assertThat(first.document().get("promises"))
                .isEqualTo(List.of(Map.of(
                        "promise", "backup", "state", "KEPT", "since", at(0).toString(), "sentence", "it is KEPT")));
    }

    @Test
    void aChangeIsToldOnceAndSoIsTheWayBack() {
        tell(State.KEPT, 0);
        assertThat(next(State.KEPT, 10)).isEmpty();

        var broken = next(State.BROKEN, 30).orElseThrow();
        assertThat(broken.document())
                .containsEntry("kind", "change")
                .containsEntry("promise", "backup")
                .containsEntry("state", "BROKEN")
                .containsEntry("since", at(30).toString())
                .containsEntry("sentence", "it is BROKEN");
        outbox.delivered(broken, at(31));
        assertThat(next(State.BROKEN, 60)).isEmpty();
        assertThat(next(State.KEPT, 90).orElseThrow().document())
                .containsEntry("state", "KEPT")
                .containsEntry("since", at(90).toString());
    }

    @Test
    void anotherCauseIsToldThoughItWasBrokenBefore() {
        var first = List.of(new Promise("sound", State.BROKEN, "b1 fails", "b1"));
        var other = List.of(new Promise("sound", State.BROKEN, "b1 and b2 fail", "b1; b2"));
        outbox.delivered(outbox.next(first, DAY, at(0)).orElseThrow(), at(0));
        assertThat(outbox.next(first, DAY, at(30))).isEmpty();

        var told = outbox.next(other, DAY, at(60)).orElseThrow();
        assertThat(told.document())
                .containsEntry("kind", "change")
                .containsEntry("since", at(0).toString())
                .containsEntry("sentence", "b1 and b2 fail");
        outbox.delivered(told, at(60));
        assertThat(outbox.next(other, DAY, at(90))).isEmpty();
    }

    @Test
    void whatWasNotTakenIsTriedAgainAfterTwiceAsLong() {
        tell(State.KEPT, 0);
        assertThat(next(State.BROKEN, 30)).isPresent();
        outbox.failed("status 500", at(30));

        assertThat(next(State.BROKEN, 34)).isEmpty();
        assertThat(next(State.BROKEN, 35)).isPresent();
        outbox.failed("status 500", at(35));
        assertThat(next(State.BROKEN, 44)).isEmpty();
        assertThat(next(State.BROKEN, 45).orElseThrow().document()).containsEntry("since", at(30).toString());
    }

    @Test
    void triesNeverEndAndAreNeverFurtherApartThanFiveMinutes() {
        int now = 0;
        for (int i = 0; i < 50; i++) {
            assertThat(next(State.BROKEN, now)).isPresent();
            outbox.failed("status 500", at(now));
            now += 300;
        }
        assertThat(outbox.channel("https://hooks").sentence()).contains("50 tries", "status 500");
    }

    @Test
    void theChannelItselfIsAPromise() {
        assertThat(outbox.channel("https://hooks").state()).isEqualTo(State.UNKNOWN);
        tell(State.KEPT, 0);
        assertThat(outbox.channel("https://hooks").state()).isEqualTo(State.KEPT);
        outbox.failed("status 500", at(10));
        assertThat(outbox.channel("https://hooks").state()).isEqualTo(State.BROKEN);
        assertThat(outbox.channel("https://hooks").sentence()).contains("https://hooks", at(10).toString());
    }

    @Test
    void thatAllIsWellIsToldAgainAndAgain() {
        tell(State.KEPT, 0);
        assertThat(next(State.KEPT, 86_399)).isEmpty();
        assertThat(next(State.KEPT, 86_400).orElseThrow().ping()).isTrue();
    }

    @Test
    void withoutPingsOnlyTheFirstIsTold() {
        outbox.delivered(outbox.next(backup(State.KEPT), Duration.ZERO, at(0)).orElseThrow(), at(0));
        assertThat(outbox.next(backup(State.KEPT), Duration.ZERO, at(10_000_000)))
                .isEmpty();
    }

    @Test
    void aClockThatIsPutBackDoesNotSilenceThem() {
        int hour = 3600;
        tell(State.KEPT, 100 * hour);
        outbox.failed("status 500", at(100 * hour));
        assertThat(next(State.BROKEN, 0)).isPresent();
    }

    @Test
    void aClockThatIsPutBackDoesNotSilenceThePings() {
        tell(State.KEPT, 100 * 3600);
        assertThat(next(State.KEPT, 0).orElseThrow().ping()).isTrue();
    }
}
