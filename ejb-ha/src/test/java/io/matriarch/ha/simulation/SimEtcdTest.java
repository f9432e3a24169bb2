package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.MILLI;
import static io.matriarch.ha.simulation.EventScheduler.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.MemberName;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The simulated etcd against what is known of the real one. */
class SimEtcdTest {
    private static final MemberName PG1 = new MemberName("pg1");
    private static final MemberName PG2 = new MemberName("pg2");

    private final EventScheduler scheduler = new EventScheduler();
    private final SimEtcd etcd = new SimEtcd(scheduler, ClusterConfig.DEFAULTS, what -> {});

    @Test
    void aLeaseEndsAtTheServersNextHalfSecond() {
        scheduler.runUntil(100 * MILLI, () -> false);
        var lease = etcd.grant(Duration.ofSeconds(3));
        etcd.acquireLeader(PG1, lease, Optional.empty());

        scheduler.runUntil(3499 * MILLI, () -> false);
        assertThat(etcd.leaderName()).contains(PG1);
        assertThat(etcd.keepAlive(lease)).as("over, though not yet revoked").isEmpty();
        scheduler.runUntil(3500 * MILLI, () -> false);
        assertThat(etcd.leaderName()).isEmpty();
    }

    @Test
    void aNewLeaderOfEtcdBeginsEveryLeaseAnew() {
        etcd.acquireLeader(PG1, etcd.grant(Duration.ofSeconds(3)), Optional.empty());
        scheduler.runUntil(2 * SECOND, () -> false);
        etcd.loseQuorum();
        scheduler.runUntil(30 * SECOND, () -> false);
        assertThat(etcd.leaderName()).as("nobody ends leases without a quorum").contains(PG1);

        etcd.electLeader();
        scheduler.runUntil(33 * SECOND, () -> false);
        assertThat(etcd.leaderName()).contains(PG1);
        scheduler.runUntil(35 * SECOND, () -> false);
        assertThat(etcd.leaderName()).isEmpty();
    }

    @Test
    void onlyOneTakesTheLeaderKey() {
        assertThat(etcd.acquireLeader(PG1, etcd.grant(Duration.ofSeconds(3)), Optional.empty())
                        .isDone())
                .isTrue();
        assertThat(etcd.acquireLeader(PG2, etcd.grant(Duration.ofSeconds(3)), Optional.empty())
                        .isDone())
                .isFalse();
    }
}
