package io.matriarch.ha.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.CommandResult.Ending;
import io.matriarch.ha.api.Schedules.Schedule;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulesTest {
    private static final Instant NOW = Instant.parse("2029-12-31T23:00:00Z");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2030-01-01T00:00:00+01:00",
                "2030-01-01 00:00:00+01:00",
                "2030-01-01T00:00+01:00",
                "2030-01-01T00:00:00.000+0100",
                "2029-12-31T23:00:00Z",
                "2030-01-01 00:00:00 +0100"
            })
    void aTimeWithZoneIsUnderstood(String text) {
        assertThat(Schedules.parse(text, "switchover", NOW)).isEqualTo(new Schedule.At(NOW));
    }

    @ParameterizedTest
    @CsvSource({
        "2030-01-01T00:00:00, INVALID, Timezone information is mandatory for the scheduled switchover",
        "2029-01-01T00:00:00Z, UNPROCESSABLE, Cannot schedule switchover in the past"
    })
    void whatIsWrongIsSaid(String text, Ending ending, String why) {
        assertThat(Schedules.parse(text, "switchover", NOW))
                .isEqualTo(new Schedule.Refused(CommandResult.of(ending, why)));
    }

    @Test
    void whatCannotBeReadIsUnprocessable() {
        assertThat(Schedules.parse("tomorrow", "switchover", NOW))
                .isInstanceOfSatisfying(
                        Schedule.Refused.class,
                        r -> assertThat(r.answer().ending()).isEqualTo(Ending.UNPROCESSABLE));
    }
}
