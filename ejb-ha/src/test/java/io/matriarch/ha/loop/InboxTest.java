package io.matriarch.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.LeaderKey;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Revision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InboxTest {
    private static final MemberName LEADER = new MemberName("pg1");
    private static final MemberName SUCCESSOR = new MemberName("pg2");
    private static final MonotonicTime NOW = new MonotonicTime(1);
    private static final Optional<Revision> SINCE_40 = Optional.of(new Revision(40));

    private final Inbox inbox = new Inbox();

    @Test
    void leaderOfTheLastViewIsConfirmed() {
        inbox.settled(false, view(50, key(LEADER, 40)));

        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isTrue();
    }

    @Test
    void leaderThatWasFollowedByAnotherIsRefused() {
        inbox.settled(false, view(50, key(SUCCESSOR, 45)));

        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isFalse();
    }

    @Test
    void leaderThatLostTheKeyIsRefusedAlsoWhileNobodyHoldsIt() {
        inbox.settled(false, view(50, Optional.empty()));

        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isFalse();
    }

    @Test
    void leaderThatLostTheKeyAndTookItAgainIsJudgedByItsLaterReign() {
        inbox.settled(false, view(50, key(LEADER, 45)));

        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isFalse();
        assertThat(inbox.announce(LEADER, Optional.of(new Revision(45)), NOW)).isTrue();
    }

    @Test
    void memberThatHasNotSeenTheLeadersReignYetConfirmsIt() {
        inbox.settled(false, view(39, key(SUCCESSOR, 30)));

        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isTrue();
    }

    @Test
    void leaderThatDoesNotSaySinceWhenIsJudgedByItsName() {
        inbox.settled(false, view(50, key(SUCCESSOR, 45)));

        assertThat(inbox.announce(LEADER, Optional.empty(), NOW)).isFalse();
        assertThat(inbox.announce(SUCCESSOR, Optional.empty(), NOW)).isTrue();
    }

    @Test
    void nothingIsPromisedBeforeTheFirstLook() {
        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isFalse();
    }

    @Test
    void memberThatNeverSawTheDcsTakesTheLeadersWord() {
        inbox.unsettled(false);

        assertThat(inbox.announce(LEADER, SINCE_40, NOW)).isTrue();
    }

    private static Optional<LeaderKey> key(MemberName holder, long since) {
        return Optional.of(new LeaderKey(holder, Optional.empty(), new Revision(since), new Revision(since)));
    }

    private static ClusterView view(long revision, Optional<LeaderKey> leader) {
        return new ClusterView(
                new Revision(revision),
                NOW,
                Optional.empty(),
                leader,
                Map.of(),
                ClusterConfig.DEFAULTS,
                Optional.empty(),
                ClusterStatus.UNKNOWN,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                false,
                Map.of(),
                Optional.empty(),
                Optional.empty());
    }
}
