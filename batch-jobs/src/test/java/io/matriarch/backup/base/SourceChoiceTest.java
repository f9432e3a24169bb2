package io.matriarch.backup.base;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.api.BackupFacts.Leader;
import io.matriarch.ha.api.BackupFacts.Member;
import io.matriarch.ha.model.BackupPolicy.Source;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceChoiceTest {
    private static final Leader LEADER = new Leader("pg1", 7, "10.0.0.1", 5432, "http://10.0.0.1:8008/patroni");

    private static Member member(String name, boolean streams, long position, int timeline) {
        return new Member(
                name,
                "10.0.0.2",
                5432,
                "",
                streams,
                Optional.of(new Lsn(position)),
                Optional.of(new Timeline(timeline)));
    }

    private static final Member PRIMARY = member("pg1", false, 900, 3);

    private static String chosen(Source wanted, Member... others) {
        var members = new ArrayList<>(List.of(others));
        members.add(PRIMARY);
        return SourceChoice.choose(wanted, LEADER, members).name();
    }

    @Test
    void theLeaderUnlessAReplicaIsWanted() {
        assertThat(chosen(Source.LEADER, member("pg2", true, 900, 3))).isEqualTo("pg1");
    }

    @Test
    void theLeastLaggingReplicaThatStreams() {
        assertThat(chosen(
                        Source.REPLICA,
                        member("pg2", true, 700, 3),
                        member("pg3", true, 800, 3),
                        member("pg4", false, 850, 3)))
                .isEqualTo("pg3");
    }

    @Test
    void amongEqualsTheNameDecides() {
        assertThat(chosen(Source.REPLICA, member("pg3", true, 800, 3), member("pg2", true, 800, 3)))
                .isEqualTo("pg2");
    }

    @Test
    void aReplicaOfAnotherTimelineIsNone() {
        assertThat(chosen(Source.REPLICA, member("pg2", true, 800, 2))).isEqualTo("pg1");
    }

    @Test
    void withoutAReplicaTheLeader() {
        assertThat(chosen(Source.REPLICA)).isEqualTo("pg1");
        assertThat(SourceChoice.choose(Source.REPLICA, LEADER, List.of()).host())
                .isEqualTo("10.0.0.1");
    }
}
