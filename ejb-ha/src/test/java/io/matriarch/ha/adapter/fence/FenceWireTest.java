package io.matriarch.ha.adapter.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.matriarch.ha.adapter.fence.FenceWire.Line;
import io.matriarch.ha.model.FenceView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.port.FenceKeeper.Event;
import io.matriarch.ha.port.FenceKeeper.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FenceWireTest {
    @Test
    void wordsAreEncodedSoThatSpacesAndEmptyWordsSurvive() {
        assertThat(FenceWire.request(List.of("START", "/data dir", "", "-c", "a=b%", "é\n")))
                .isEqualTo("START /data%20dir  -c a%3Db%25 %C3%A9%0A");
    }

    @Test
    void everyWordComesBackFromItsEncoding() {
        var random = new Random(20261123);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            String word = new String(bytes, StandardCharsets.UTF_8);
            String encoded = FenceWire.encode(word);
            assertThat(encoded).matches("[!-~]*").doesNotContain("=", " ");
            assertThat(FenceWire.decode(encoded)).isEqualTo(word);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "a%2"})
    void brokenEncodingIsRefused(String token) {
        assertThatIllegalArgumentException().isThrownBy(() -> FenceWire.decode(token));
    }

    @Test
    void viewOfARunningFence() {
        var ok = (Line.Ok)
                FenceWire.parse(
                        "OK version=1 pid=9 now=5 state=RUNNING postmaster=77 deadline=123456789012 proof=%7B%22a%22:1%7D new=x");

        assertThat(FenceWire.view(ok))
                .isEqualTo(new FenceView(
                        FenceView.State.RUNNING,
                        77,
                        Optional.of(new MonotonicTime(123456789012L)),
                        Optional.of("{\"a\":1}")));
    }

    @Test
    void anotherVersionIsNotGuessedAt() {
        var ok = (Line.Ok) FenceWire.parse("OK version=2 pid=9 now=5 state=IDLE postmaster=0 deadline=0 proof=");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> FenceWire.view(ok))
                .withMessageContaining("version 2");
    }

    @Test
    void refusalHasACodeAndAText() {
        assertThat(FenceWire.parse("ERR START-FAILED /no/such: No such file"))
                .isEqualTo(new Line.Refused("START-FAILED", "/no/such: No such file"));
        assertThat(FenceWire.parse("ERR TERMINATING")).isEqualTo(new Line.Refused("TERMINATING", ""));
    }

    @Test
    void eventsAreUnderstoodAndUnknownOnesAreNotFatal() {
        assertThat(FenceWire.parse("EVENT POSTMASTER-DIED pid=7 code=0 signal=9 at=42"))
                .isEqualTo(new Line.Told(new Event.PostmasterDied(7, new MonotonicTime(42))));
        assertThat(FenceWire.parse("EVENT EXITED pid=7 code=0 signal=9 reason=fenced at=43"))
                .isEqualTo(new Line.Told(new Event.Exited(7, Reason.FENCED, new MonotonicTime(43))));
        assertThat(FenceWire.parse("EVENT SOMETHING-NEW x=1")).isEqualTo(new Line.Unknown("EVENT SOMETHING-NEW x=1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "HTTP/1.1 200 OK",
                "OK novalue",
                "EVENT EXITED pid=7",
                "EVENT EXITED pid=x reason=stop at=1"
            })
    void whatIsNotTheProtocolIsRefused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> FenceWire.parse(line));
    }

    @Test
    void missingValueIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Line.Ok(Map.of()).value("state"))
                .withMessageContaining("state=");
    }
}
