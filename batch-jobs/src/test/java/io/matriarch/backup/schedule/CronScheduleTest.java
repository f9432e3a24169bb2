package io.matriarch.backup.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class CronScheduleTest {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final ZoneId MADRID = ZoneId.of("Europe/Madrid");

    private static Instant at(String text) {
        return Instant.parse(text);
    }

    @Test
    void eachHalfHour() {
        var schedule = new CronSchedule("*/30 * * * *", UTC);
        assertThat(schedule.after(at("2026-06-15T12:00:01Z"))).contains(at("2026-06-15T12:30:00Z"));
        assertThat(schedule.next(at("2026-06-15T23:10:00Z"), 3))
                .containsExactly(at("2026-06-15T23:30:00Z"), at("2026-06-16T00:00:00Z"), at("2026-06-16T00:30:00Z"));
    }

    @Test
    void aMomentThatIsASlotIsFollowedByTheNext() {
        var schedule = new CronSchedule("*/30 * * * *", UTC);
        assertThat(schedule.after(at("2026-06-15T12:30:00Z"))).contains(at("2026-06-15T13:00:00Z"));
        assertThat(schedule.after(at("2026-06-15T12:29:59.999999999Z"))).contains(at("2026-06-15T12:30:00Z"));
    }

    @Test
    void whatTheClocksSkipHappensWhenTheyHaveBeenPutForward() {
        // 28 March 2027: 02:00 becomes 03:00 in Madrid, which is 01:00 UTC. It is a Sunday.
        assertThat(new CronSchedule("30 2 * * 0", MADRID).after(at("2027-03-27T12:00:00Z")))
                .contains(at("2027-03-28T01:00:00Z"));
        assertThat(new CronSchedule("15 2 * * *", MADRID).next(at("2027-03-27T12:00:00Z"), 2))
                .containsExactly(at("2027-03-28T01:00:00Z"), at("2027-03-29T00:15:00Z"));
        assertThat(new CronSchedule("*/30 * * * *", MADRID).next(at("2027-03-28T00:30:00Z"), 2))
                .containsExactly(at("2027-03-28T01:00:00Z"), at("2027-03-28T01:30:00Z"));
    }

    @Test
    void noHoleOpensWhenTheClocksArePutBack() {
        // 25 October 2026: 03:00 becomes 02:00 in Madrid at 01:00 UTC.
        var slots = new CronSchedule("*/30 * * * *", MADRID).next(at("2026-10-24T23:30:00Z"), 8);
        for (int i = 1; i < slots.size(); i++) {
            assertThat(Duration.between(slots.get(i - 1), slots.get(i))).isLessThanOrEqualTo(Duration.ofMinutes(30));
        }
    }

    @Test
    void ofManyMissedSlotsTheLastCounts() {
        var schedule = new CronSchedule("*/30 * * * *", UTC);
        assertThat(schedule.lastIn(at("2026-06-01T00:00:00Z"), at("2026-06-15T12:10:00Z")))
                .contains(at("2026-06-15T12:00:00Z"));
        assertThat(schedule.lastIn(at("2026-06-15T12:00:00Z"), at("2026-06-15T12:29:59Z")))
                .isEmpty();
        assertThat(new CronSchedule("0 4 1 1 *", UTC).lastIn(at("2020-06-15T12:00:00Z"), at("2026-06-15T12:00:00Z")))
                .contains(at("2026-01-01T04:00:00Z"));
    }

    @Test
    void aScheduleWithoutADayHasNoSlot() {
        assertThat(new CronSchedule("0 0 31 2 *", UTC).after(at("2026-06-15T12:00:00Z")))
                .isEmpty();
    }

    @Test
    void fieldsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new CronSchedule("61 * * * *", UTC));
        assertThatIllegalArgumentException().isThrownBy(() -> new CronSchedule("* * * *", UTC));
    }
}
