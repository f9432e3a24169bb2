package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.END;
import static io.matriarch.ha.decide.Views.OTHER;
import static io.matriarch.ha.decide.Views.SWITCHED;
import static io.matriarch.ha.decide.Views.SYSTEM;
import static io.matriarch.ha.decide.Views.TL1;
import static io.matriarch.ha.decide.Views.TL2;
import static io.matriarch.ha.decide.Views.leaderWentOnAt;
import static io.matriarch.ha.decide.Views.plus;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.RejoinEvidence;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.model.TimelineSwitch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class RejoinPlanTest {
    private static final Timeline TL3 = new Timeline(3);

    @Test
    void prefixOfTheLeadersHistoryFollows() {
        assertThat(RejoinPlan.of(leaderWentOnAt(END, END), true, false)).isInstanceOf(RejoinPlan.Follow.class);
    }

    @Test
    void oneByteBeyondTheForkIsDiverged() {
        var plan = RejoinPlan.of(leaderWentOnAt(END, plus(END, 1)), true, false);

        assertThat(plan)
                .asInstanceOf(InstanceOfAssertFactories.type(RejoinPlan.Diverged.class))
                .matches(d -> d.from().equals(END) && d.timeline().equals(TL2) && d.rewindable());
    }

    @Test
    void replicaThatReplayedTooMuchIsDivergedToo() {
        assertThat(RejoinPlan.of(leaderWentOnAt(END, plus(END, 1)), false, false))
                .isInstanceOf(RejoinPlan.Diverged.class);
    }

    @Test
    void leaderInRecoveryAllowsNoConclusion() {
        var e = Records.with(leaderWentOnAt(END, plus(END, 1)), "leaderIsPrimary", false);

        assertThat(RejoinPlan.of(e, true, false)).isInstanceOf(RejoinPlan.Refuse.class);
    }

    @Test
    void replicaOnTheLeadersTimelineFollows() {
        assertThat(RejoinPlan.of(bothOn(TL2, SWITCHED, SWITCHED, END), false, false))
                .isInstanceOf(RejoinPlan.Follow.class);
    }

    @Test
    void twoPromotionsOntoOneNumberAtOnePositionAreDivergedAndCannotBeRewound() {
        var plan = RejoinPlan.of(bothOn(TL2, SWITCHED, SWITCHED, END), true, false);

        assertThat(plan)
                .asInstanceOf(InstanceOfAssertFactories.type(RejoinPlan.Diverged.class))
                .matches(d -> !d.rewindable());
    }

    @Test
    void equalNumbersWithDifferentBeginningsAreDivergedAndCannotBeRewound() {
        // pg_rewind goes by the number alone: it would say that there is nothing to do.
        var plan = RejoinPlan.of(bothOn(TL2, SWITCHED, plus(SWITCHED, 4096), END), false, false);

        assertThat(plan)
                .asInstanceOf(InstanceOfAssertFactories.type(RejoinPlan.Diverged.class))
                .matches(d -> !d.rewindable() && d.from().equals(SWITCHED));
    }

    @Test
    void laterLocalTimelineDoesNotMakeItTheBetterOne() {
        var first = new TimelineSwitch(TL1, SWITCHED, "");
        var e = new RejoinEvidence(
                OTHER,
                SYSTEM,
                TL2,
                true,
                List.of(first),
                List.of(first, new TimelineSwitch(TL2, END, "")),
                TL3,
                plus(END, 8));

        assertThat(RejoinPlan.of(e, true, false))
                .asInstanceOf(InstanceOfAssertFactories.type(RejoinPlan.Diverged.class))
                .matches(d -> d.rewindable() && d.timeline().equals(TL2));
    }

    @Test
    void followingIsNeverConcludedForWalBeyondTheCommonHistory() {
        for (int seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            var e = random(random);
            var plan = RejoinPlan.of(e, true, random.nextBoolean());
            if (plan instanceof RejoinPlan.Follow) {
                assertThat(e.localEnd().isAfter(commonEnd(e)))
                        .as("seed %d: %s", seed, e)
                        .isFalse();
            }
        }
    }

    /** Both on {@code timeline}, which began at another position for each of them. */
    private static RejoinEvidence bothOn(Timeline timeline, Lsn localBegin, Lsn leaderBegin, Lsn localEnd) {
        return new RejoinEvidence(
                OTHER,
                SYSTEM,
                timeline,
                true,
                List.of(new TimelineSwitch(TL1, leaderBegin, "")),
                List.of(new TimelineSwitch(TL1, localBegin, "")),
                timeline,
                localEnd);
    }

    /** The end of what is common, worked out byte by byte instead of line by line. */
    private static Lsn commonEnd(RejoinEvidence e) {
        long position = 0;
        while (position < 100
                && on(e.localHistory(), e.localTimeline(), position)
                        .equals(on(e.leaderHistory(), e.leaderTimeline(), position))) {
            position++;
        }
        return new Lsn(position);
    }

    private static Timeline on(List<TimelineSwitch> history, Timeline last, long position) {
        return history.stream()
                .filter(s -> s.switchPoint().bytes() > position)
                .map(TimelineSwitch::timeline)
                .findFirst()
                .orElse(last);
    }

    private static RejoinEvidence random(Random random) {
        var local = history(random);
        var leader = history(random);
        // A primary that wrote the leader's timeline number is another matter: its own tests say which.
        int leaderTimeline = leader.size() + 1 == local.size() + 1 ? leader.size() + 2 : leader.size() + 1;
        if (leaderTimeline == leader.size() + 2) {
            leader.add(new TimelineSwitch(new Timeline(leader.size() + 1), new Lsn(60 + random.nextInt(5)), ""));
        }
        long begin =
                local.isEmpty() ? 0 : local.get(local.size() - 1).switchPoint().bytes();
        return new RejoinEvidence(
                OTHER,
                SYSTEM,
                new Timeline(leaderTimeline),
                true,
                leader,
                local,
                new Timeline(local.size() + 1),
                new Lsn(begin + random.nextInt(20)));
    }

    private static List<TimelineSwitch> history(Random random) {
        var rows = new ArrayList<TimelineSwitch>();
        int count = random.nextInt(3);
        long at = 0;
        for (int i = 1; i <= count; i++) {
            at += 1 + random.nextInt(3) * 10L;
            rows.add(new TimelineSwitch(new Timeline(i), new Lsn(at), ""));
        }
        return rows;
    }
}
