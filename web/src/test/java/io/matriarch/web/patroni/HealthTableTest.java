package io.matriarch.web.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.SynchronousMode;
import io.matriarch.web.support.Statuses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthTableTest {
    private static final List<String> ALL = List.of(
            "/primary",
            "/leader",
            "/standby-leader",
            "/replica",
            "/read-only",
            "/health",
            "/sync",
            "/async",
            "/quorum",
            "/read-only-sync",
            "/read-only-quorum",
            "/foo");

    private static int status(String path, String query, Statuses statuses) {
        return HealthTable.statusFor(
                HealthEndpoint.of(path), HealthFacts.of(statuses.make()), HealthQuery.parse(query), Statuses.NOW);
    }

    private static List<String> healthy(Statuses statuses) {
        var found = new ArrayList<String>();
        ALL.stream().filter(path -> status(path, "", statuses) == 200).forEach(found::add);
        return found;
    }

    /** Seen on a running leader that is the only member of its cluster. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/primary",
                "/master",
                "/leader",
                "/read-write",
                "/read-only",
                "/read-only-sync",
                "/read-only-quorum",
                "/health"
            })
    void aLoneLeaderIsHealthyAt(String path) {
        var alone = Statuses.of("n1");
        alone.members = List.of("n1");

        assertThat(status(path, "", alone)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/replica",
                "/standby-leader",
                "/standby_leader",
                "/sync",
                "/synchronous",
                "/quorum",
                "/async",
                "/asynchronous",
                "/foo",
                "/liveness",
                "/readiness",
                "/patroni",
                "/cluster",
                "/history",
                "/config",
                "/metrics",
                "/failsafe"
            })
    void aLoneLeaderIsNotHealthyAt(String path) {
        var alone = Statuses.of("n1");
        alone.members = List.of("n1");

        assertThat(status(path, "", alone)).isEqualTo(503);
    }

    /** Three healthy members in priority mode: n1 leads, n2 is the synchronous standby, n3 is not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /primary          | n1
            /replica          | n2 n3
            /sync             | n2
            /synchronous      | n2
            /async            | n3
            /asynchronous     | n3
            /quorum           | ''
            /read-only        | n1 n2 n3
            /read-only-sync   | n1 n2
            /read-only-quorum | n1
            /health           | n1 n2 n3
            """)
    void priorityModeOfThree(String path, String expected) {
        var found = List.of("n1", "n2", "n3").stream()
                .filter(name -> status(path, "", Statuses.of(name).sync(SynchronousMode.PRIORITY, "n2")) == 200)
                .toList();

        assertThat(String.join(" ", found)).isEqualTo(expected);
    }

    @Test
    void quorumModeListsAllVoters() {
        var voter = Statuses.of("n2").sync(SynchronousMode.QUORUM, "n2", "n3");

        assertThat(healthy(voter)).containsExactly("/replica", "/read-only", "/health", "/quorum", "/read-only-quorum");
    }

    @Test
    void aLeaseThatEndedIsNoLeadership() {
        var facts = HealthFacts.of(Statuses.of("n1").make());
        var later = Statuses.NOW.plus(Duration.ofSeconds(15));

        assertThat(HealthTable.statusFor(HealthEndpoint.PRIMARY, facts, HealthQuery.NONE, later))
                .isEqualTo(503);
    }

    /** Patroni's issue 2756: the lock alone counts. Routers written for Patroni know it so. */
    @Test
    void theLockCountsEvenWhilePostgresIsDown() {
        var crashed = Statuses.of("n1");
        crashed.postgres = PostgresState.CRASHED;

        assertThat(healthy(crashed))
                .containsExactly("/primary", "/leader", "/read-only", "/read-only-sync", "/read-only-quorum");
    }

    @Test
    void aPrimaryWithoutLockIsNobody() {
        var former = Statuses.of("n1");
        former.leader = Optional.of("n2");
        former.role = Optional.of(PostgresRole.PRIMARY);

        assertThat(healthy(former)).containsExactly("/health");
    }

    @Test
    void withoutViewSyncStandbysAreUnknown() {
        var replica = Statuses.of("n2").sync(SynchronousMode.PRIORITY, "n2");
        var facts = HealthFacts.of(replica.make());
        var viewTooOld = Statuses.NOW.plus(Statuses.TTL);

        assertThat(HealthTable.statusFor(HealthEndpoint.SYNC, facts, HealthQuery.NONE, viewTooOld))
                .isEqualTo(503);
    }

    @Test
    void pausedAndWithoutViewTheRoleCounts() {
        var paused = Statuses.of("n1");
        paused.pause = true;
        var facts = HealthFacts.of(paused.make());
        var viewTooOld = Statuses.NOW.plus(Statuses.TTL);

        assertThat(HealthTable.statusFor(HealthEndpoint.PRIMARY, facts, HealthQuery.NONE, viewTooOld))
                .isEqualTo(200);
        assertThat(HealthTable.statusFor(HealthEndpoint.STANDBY_LEADER, facts, HealthQuery.NONE, viewTooOld))
                .isEqualTo(503);
    }

    @Test
    void theLeaderOfAStandbyClusterIsNoPrimaryAndNoReplica() {
        var standby = Statuses.of("n1");
        standby.configText = Optional.of("{\"standby_cluster\":{\"host\":\"elsewhere\"}}");
        standby.role = Optional.of(PostgresRole.REPLICA);
        standby.memberRole = Optional.of(MemberRole.STANDBY_LEADER);

        assertThat(healthy(standby))
                .containsExactly(
                        "/leader", "/standby-leader", "/read-only", "/health", "/read-only-sync", "/read-only-quorum");
    }

    @ParameterizedTest
    @CsvSource({"lag=16kB,200", "lag=15kB,503", "lag=16384,200", "lag=16383,503", "lag=much,200", "lag=,200", "'',200"})
    void lagIsCountedFromWhatIsReplayed(String query, int expected) {
        var replica = Statuses.of("n2");
        replica.replayed = Statuses.LEADER_AT - 16384;

        assertThat(status("/replica", query, replica)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/replica, tag_zone=a, 200",
        "/replica, tag_zone=b, 503",
        "/replica, tag_nosuch=a, 503",
        "/replica, tag_clonefrom=true, 200",
        "/replica, replication_state=streaming, 200",
        "/replica, replication_state=in+archive+recovery, 503",
        "/health, tag_zone=b, 503"
    })
    void aReplicaIsAskedForTagsAndState(String path, String query, int expected) {
        var replica = Statuses.of("n2");
        replica.tags = Map.of("zone", "a", "clonefrom", "true");

        assertThat(status(path, query, replica)).isEqualTo(expected);
    }

    @Test
    void aLeaderIsNotAskedForTags() {
        assertThat(status("/primary", "tag_zone=b", Statuses.of("n1"))).isEqualTo(200);
    }

    @Test
    void noloadbalanceKeepsAReplicaOut() {
        var replica = Statuses.of("n2");
        replica.tags = Map.of("noloadbalance", "true");

        assertThat(healthy(replica)).containsExactly("/health");
    }

    @Test
    void aStatusThatNobodyRenewsIsNoHealth() {
        var facts = HealthFacts.of(Statuses.of("n2").make());
        var later = Statuses.NOW.plus(Statuses.TTL);

        assertThat(HealthTable.statusFor(HealthEndpoint.REPLICA, facts, HealthQuery.NONE, later))
                .isEqualTo(503);
        assertThat(HealthTable.statusFor(HealthEndpoint.HEALTH, facts, HealthQuery.NONE, later))
                .isEqualTo(503);
    }

    @ParameterizedTest
    @CsvSource({"n1, 21, 200", "n1, 22, 503", "n2, 41, 200", "n2, 42, 503"})
    void livenessIsTheLoopsNextTurnAndATtlOrTwo(String name, long secondsLater, int expected) {
        var facts = HealthFacts.of(Statuses.of(name).make());

        assertThat(HealthTable.liveness(facts, Statuses.NOW.plus(Duration.ofSeconds(secondsLater))))
                .isEqualTo(expected);
    }

    @Test
    void readinessWantsStreamingWithinTheLag() {
        var replica = Statuses.of("n2");
        var archive = Statuses.of("n2");
        archive.replication = ReplicationState.IN_ARCHIVE_RECOVERY;
        var behind = Statuses.of("n2");
        behind.replayed = Statuses.LEADER_AT - (2 << 20);

        assertThat(readiness(Statuses.of("n1"), "")).isEqualTo(200);
        assertThat(readiness(replica, "")).isEqualTo(200);
        assertThat(readiness(archive, "")).isEqualTo(503);
        assertThat(readiness(behind, "")).isEqualTo(503);
        assertThat(readiness(behind, "lag=2MB")).isEqualTo(200);
        assertThat(readiness(behind, "lag=2MB&mode=write")).isEqualTo(200);
    }

    private static int readiness(Statuses statuses, String query) {
        return HealthTable.readiness(HealthFacts.of(statuses.make()), HealthQuery.parse(query), Statuses.NOW);
    }
}
