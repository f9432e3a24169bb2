package io.matriarch.ha.adapter.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.ClusterStatus;
import io.matriarch.ha.model.ClusterView;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberReport;
import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberState;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.ReplicationState;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The values are those that an unmodified Patroni 4.1 wrote. */
class ClusterReaderTest {
    private static final String PRIMARY =
            "{\"conn_url\":\"postgres://127.0.0.1:15531/postgres\",\"api_url\":\"http://127.0.0.1:18101/patroni\",\"state\":\"running\","
                    + "\"role\":\"primary\",\"version\":\"4.1.4\",\"tags\":{\"mytag\":\"v1\"},\"xlog_location\":67108960,\"timeline\":1}";
    private static final String REPLICA =
            "{\"conn_url\":\"postgres://127.0.0.1:15532/postgres\",\"api_url\":\"http://127.0.0.1:18102/patroni\",\"state\":\"running\","
                    + "\"role\":\"replica\",\"version\":\"4.1.4\",\"tags\":{\"mytag\":\"v2\"},\"xlog_location\":67108864,"
                    + "\"replay_lsn\":67108864,\"receive_lsn\":67108864,\"replication_state\":\"streaming\",\"timeline\":1}";

    private final List<String> configReads = new ArrayList<>();
    private final ClusterReader reader = new ClusterReader((json, foreign) -> {
        configReads.add(json.orElse("-") + foreign);
        return ClusterConfig.DEFAULTS;
    });

    @Test
    void membersOfPatroniAreRead() {
        ClusterView view =
                read(key("members/n1", PRIMARY, 77), key("members/n2", REPLICA, 78), key("leader", "n1", 77));

        MemberReport n1 = view.member(new MemberName("n1")).orElseThrow().report();
        assertThat(n1.role()).isEqualTo(MemberRole.PRIMARY);
        assertThat(n1.state()).isEqualTo(MemberState.RUNNING);
        assertThat(n1.xlogLocation()).contains(new Lsn(67108960));
        assertThat(n1.timeline()).contains(new Timeline(1));
        assertThat(n1.tags().values()).containsEntry("mytag", "v1");
        assertThat(n1.checkpointAfterPromote()).isFalse();
        MemberReport n2 = view.member(new MemberName("n2")).orElseThrow().report();
        assertThat(n2.replicationState()).isEqualTo(ReplicationState.STREAMING);
        assertThat(n2.replayLsn()).contains(new Lsn(67108864));
        assertThat(view.leaderName()).contains(new MemberName("n1"));
        assertThat(view.leader().orElseThrow().lease()).contains(new LeaseId(77));
        assertThat(view.hasForeignMembers()).isTrue();
    }

    @Test
    void whatPatroniWroteIsWrittenBackToTheLetter() {
        assertThat(KeyWriter.member(MemberParser.parse(PRIMARY).orElseThrow())).isEqualTo(PRIMARY);
        assertThat(KeyWriter.member(MemberParser.parse(REPLICA).orElseThrow())).isEqualTo(REPLICA);
        String promoted =
                "{\"conn_url\":\"a\",\"api_url\":\"b\",\"state\":\"running\",\"role\":\"promoted\",\"version\":\"4.1.4\","
                        + "\"proxy_url\":\"p\",\"checkpoint_after_promote\":false,\"tags\":{\"nofailover\":true,\"x\":3},\"pending_restart\":true,"
                        + "\"timeline\":4,\"pause\":true,\"agent\":\"matriarch/0.1.0\",\"wal_free_bytes\":12345678901}";
        assertThat(KeyWriter.member(MemberParser.parse(promoted).orElseThrow())).isEqualTo(promoted);
    }

    @Test
    void theSmallestForeignMemberIsAMember() {
        ClusterView view = read(key(
                "members/x",
                "{\"conn_url\":\"c\",\"api_url\":\"a\",\"state\":\"running\",\"role\":\"replica\",\"version\":\"9\"}",
                1));

        assertThat(view.member(new MemberName("x"))).isPresent();
    }

    @Test
    void olderWordsAreUnderstood() {
        ClusterView view = read(
                key(
                        "members/a",
                        "{\"conn_kwargs\":{\"host\":\"::1\",\"port\":5432,\"database\":\"db\"},\"role\":\"master\",\"state\":\"running\"}",
                        1),
                key("members/b", "postgres://h:5432/postgres?application_name=http%3A%2F%2Fh%3A8008%2Fpatroni", 1));

        MemberReport a = view.member(new MemberName("a")).orElseThrow().report();
        assertThat(a.connUrl()).isEqualTo("postgres://[::1]:5432/db");
        assertThat(a.role()).isEqualTo(MemberRole.PRIMARY);
        MemberReport b = view.member(new MemberName("b")).orElseThrow().report();
        assertThat(b.connUrl()).isEqualTo("postgres://h:5432/postgres");
        assertThat(b.apiUrl()).isEqualTo("http://h:8008/patroni");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "[]", "{", "null", "17"})
    void aBrokenMemberIsIgnoredAndTheRestIsRead(String broken) {
        ClusterView view =
                read(key("members/bad", broken, 1), key("members/n1", PRIMARY, 1), key("members/deep/er", PRIMARY, 1));

        assertThat(view.members()).containsOnlyKeys(new MemberName("n1"));
    }

    @Test
    void fieldsOfUnexpectedKindsAreAsGoodAsAbsent() {
        ClusterView view = read(key(
                "members/odd",
                "{\"conn_url\":7,\"state\":\"dancing\",\"role\":[],\"tags\":\"x\",\"xlog_location\":\"12\",\"timeline\":0,\"new\":{}}",
                1));

        MemberReport odd = view.member(new MemberName("odd")).orElseThrow().report();
        assertThat(odd.state()).isNotEqualTo(MemberState.RUNNING);
        assertThat(odd.role()).isEqualTo(MemberRole.UNINITIALIZED);
        assertThat(odd.xlogLocation()).contains(new Lsn(12));
        assertThat(odd.timeline()).isEmpty();
    }

    @Test
    void initializeTellsAClaimFromAnIdentifier() {
        assertThat(read(key("initialize", "", 5)).initialize().orElseThrow().systemIdentifier())
                .isEmpty();
        assertThat(read(key("initialize", "7711223344556677889", 0))
                        .initialize()
                        .orElseThrow()
                        .systemIdentifier())
                .contains(new SystemIdentifier("7711223344556677889"));
        assertThat(read().initialize()).isEmpty();
    }

    @Test
    void configIsHandedOnWithTheForeignFlagAndOnlyWhenItChanged() {
        read(key("config", "{\"ttl\":30}", 0), key("members/n1", PRIMARY, 1));
        read(key("config", "{\"ttl\":30}", 0), key("members/n1", PRIMARY, 1));
        assertThat(read(key("config", "{\"ttl\":30}", 0)).configPresent()).isTrue();
        assertThat(read(key("config", "[1]", 0)).configPresent()).isFalse();

        assertThat(configReads).containsExactly("{\"ttl\":30}true", "{\"ttl\":30}false", "-false");
    }

    @Test
    void statusIsReadInAllItsForms() {
        var full = read(key(
                        "status",
                        "{\"optime\":67108960,\"slots\":{\"n2\":\"67108864\",\"bad\":[]},\"retain_slots\":[\"n3\"]}",
                        0))
                .status();
        assertThat(full.optime()).contains(new Lsn(67108960));
        assertThat(full.slots()).containsExactlyEntriesOf(Map.of("n2", new Lsn(67108864)));
        assertThat(full.retainSlots()).containsExactly("n3");
        assertThat(read(key("status", "4711", 0)).status().optime()).contains(new Lsn(4711));
        assertThat(read(key("status", "{\"optime\":1,\"slots\":\"{\\\"a\\\":2}\"}", 0))
                        .status()
                        .slots())
                .hasSize(1);
        assertThat(read(key("optime/leader", "4712", 0)).status().optime()).contains(new Lsn(4712));
        assertThat(read(key("status", "nonsense", 0)).status()).isEqualTo(ClusterStatus.UNKNOWN);
    }

    @Test
    void failoverIsReadInAllItsForms() {
        var request = read(key(
                        "failover",
                        "{\"leader\":\"n1\",\"member\":\"n2\",\"scheduled_at\":\"2030-01-01T00:00:00+01:00\"}",
                        0))
                .failover()
                .orElseThrow();
        assertThat(request.leader()).contains(new MemberName("n1"));
        assertThat(request.candidate()).contains(new MemberName("n2"));
        assertThat(request.scheduledAt()).contains(Instant.parse("2029-12-31T23:00:00Z"));
        assertThat(request.modRevision()).isEqualTo(new Revision(11));
        assertThat(read(key("failover", "{}", 0)).failover()).isEmpty();
        assertThat(read(key("failover", "", 0)).failover()).isEmpty();
        assertThat(read(key("failover", "[\"n1\"]", 0)).failover()).isEmpty();
        assertThat(read(key("failover", "n1:n2", 0)).failover().orElseThrow().candidate())
                .contains(new MemberName("n2"));
        assertThat(read(key("failover", ":n2", 0)).failover().orElseThrow().leader())
                .isEmpty();
        assertThat(read(key("failover", "{\"leader\":\"n1\",\"scheduled_at\":\"2030-01-01 00:00:00+00:00\"}", 0))
                        .failover()
                        .orElseThrow()
                        .scheduledAt())
                .contains(Instant.parse("2030-01-01T00:00:00Z"));
    }

    @Test
    void aRequestWithAnUnreadableTimeIsNotCarriedOutAtOnce() {
        assertThat(read(key("failover", "{\"leader\":\"n1\",\"scheduled_at\":\"tomorrow\"}", 0))
                        .failover())
                .isEmpty();
    }

    @Test
    void syncNamesIgnoreCaseAndBrokenValuesKeepTheirRevision() {
        var sync = read(
                        key("members/Node-2", REPLICA, 1),
                        key("sync", "{\"leader\":\"n1\",\"quorum\":1,\"sync_standby\":\"node-2,n3\"}", 0))
                .sync()
                .orElseThrow();
        assertThat(sync.standbys()).containsExactly(new MemberName("Node-2"), new MemberName("n3"));
        assertThat(sync.quorum()).isEqualTo(1);
        assertThat(read(key("sync", "{\"leader\":null,\"quorum\":0,\"sync_standby\":null}", 0))
                        .sync()
                        .orElseThrow()
                        .leader())
                .isEmpty();
        assertThat(read(key("sync", "broken", 0)).sync().orElseThrow().modRevision())
                .isEqualTo(new Revision(11));
        assertThat(read().sync()).isEmpty();
    }

    @Test
    void historyRowsOfEveryAgeAreRead() {
        var view = read(key(
                "history",
                "[[1,67108960,\"no recovery target specified\",\"2026-01-02T03:04:05+00:00\",\"n2\"],[2,67109000,\"x\"],[3,1,\"y\",\"t\"],[4],\"bad\"]",
                0));

        assertThat(view.history()).hasSize(3);
        assertThat(view.history().get(0).newLeader()).contains(new MemberName("n2"));
        assertThat(view.history().get(1).at()).isEmpty();
        assertThat(view.timeline()).contains(new Timeline(4));
        assertThat(read(key("history", "[]", 0)).timeline()).contains(new Timeline(1));
        assertThat(read().timeline()).isEmpty();
        assertThat(KeyWriter.history(view.history()))
                .isEqualTo(
                        "[[1,67108960,\"no recovery target specified\",\"2026-01-02T03:04:05+00:00\",\"n2\"],[2,67109000,\"x\"],[3,1,\"y\",\"t\"]]");
    }

    @Test
    void failsafeIsRead() {
        assertThat(read(key("failsafe", "{\"n1\":\"http://h1/patroni\",\"n2\":7}", 0))
                        .failsafe())
                .containsExactlyEntriesOf(Map.of(new MemberName("n1"), "http://h1/patroni"));
    }

    @Test
    void aBlankLeaderIsNobody() {
        assertThat(read(key("leader", " ", 3)).leader()).isEmpty();
    }

    @Test
    void keysOfOthersAreIgnored() {
        assertThat(read(key("0/members/n1", PRIMARY, 1), key("something", "x", 0))
                        .members())
                .isEmpty();
    }

    private ClusterView read(RawKey... keys) {
        return reader.view(List.of(keys), 99, new MonotonicTime(0));
    }

    private static RawKey key(String name, String value, long lease) {
        return new RawKey(name, value, lease, 10, 11);
    }
}
