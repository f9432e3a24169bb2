package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.config.SlotSettings.Type;
import io.matriarch.ha.model.ClusterConfig;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicConfigTest {

    private static DynamicConfig of(String json) {
        return DynamicConfig.of(Optional.of(json), Samples.small(), false);
    }

    private static DynamicConfig besidePatroni(String json) {
        return DynamicConfig.of(Optional.of(json), Samples.small(), true);
    }

    @Test
    void anEmptyObjectGivesPatronisDefaults() {
        ClusterConfig config = of("{}").cluster();

        assertThat(config.ttl()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.loopWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.retryTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.fenceMargin()).isEqualTo(Duration.ofSeconds(6));
        assertThat(config.maximumLagOnFailoverBytes()).isEqualTo(1048576);
        assertThat(config.maximumLagOnSyncnodeBytes()).isEqualTo(-1);
        assertThat(config.checkTimeline()).isFalse();
        assertThat(config.primaryStartTimeout()).isEqualTo(Duration.ofSeconds(300));
        assertThat(config.primaryStopTimeout()).isEqualTo(Duration.ZERO);
        assertThat(config.synchronousMode()).isEqualTo(SynchronousMode.OFF);
        assertThat(config.synchronousModeStrict()).isFalse();
        assertThat(config.synchronousNodeCount()).isEqualTo(1);
        assertThat(config.failsafeMode()).isFalse();
        assertThat(config.pause()).isFalse();
        assertThat(config.usePgRewind()).isFalse();
        assertThat(config.recloneOnDivergence()).isTrue();
        assertThat(config.memberSlotsTtl()).isEqualTo(Duration.ofMinutes(30));
        assertThat(config.maxTimelinesHistory()).isZero();
        assertThat(of("{}").slots().useSlots()).isTrue();
        assertThat(of("{}").notes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "rubbish", "[]", "5", "null", "{", "{\"ttl\": }"})
    void whatIsNoObjectCountsAsAbsentAndIsNoted(String json) {
        assertThat(of(json).cluster()).isEqualTo(of("{}").cluster());
        assertThat(of(json).notes()).extracting(Note::key).containsExactly("config");
        assertThat(DynamicConfig.of(Optional.empty(), Samples.small(), false).notes())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"ttl\":5,\"loop_wait\":1,\"retry_timeout\":2}|5|1|2",
                "{\"ttl\":\"5\",\"loop_wait\":\"1\",\"retry_timeout\":\" 2 \"}|5|1|2",
                "{\"ttl\":1,\"loop_wait\":0,\"retry_timeout\":0}|3|1|1",
                "{\"ttl\":\"x\"}|30|10|10",
                "{\"ttl\":true}|30|10|10",
                "{\"ttl\":[5]}|30|10|10",
                "{\"ttl\":null}|30|10|10",
                "{\"ttl\":-5,\"loop_wait\":1,\"retry_timeout\":1}|3|1|1",
                "{\"ttl\":99999999999999}|30|10|10",
            })
    void timeoutsOfMatriarchAlone(String json, long ttl, long loop, long retry) {
        ClusterConfig config = of(json).cluster();

        assertThat(config.ttl()).isEqualTo(Duration.ofSeconds(ttl));
        assertThat(config.loopWait()).isEqualTo(Duration.ofSeconds(loop));
        assertThat(config.retryTimeout()).isEqualTo(Duration.ofSeconds(retry));
    }

    @Test
    void besidePatroniItsLowerLimitsHoldAndAreNoted() {
        DynamicConfig config = besidePatroni("{\"ttl\":5,\"loop_wait\":1,\"retry_timeout\":2}");

        assertThat(config.cluster().ttl()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.cluster().retryTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.notes())
                .extracting(Note::toString)
                .containsExactly(
                        "ttl: 5 is stored, 20 is used: the least value that Patroni members accept",
                        "retry_timeout: 2 is stored, 3 is used: the least value that Patroni members accept");
    }

    @ParameterizedTest
    @CsvSource({
        "true,PRIORITY",
        "on,PRIORITY",
        "'\"yes\"',PRIORITY",
        "1,PRIORITY",
        "quorum,QUORUM",
        "Quorum,QUORUM",
        "off,OFF",
        "false,OFF",
        "0,OFF",
        "maybe,OFF",
        "[],OFF"
    })
    void synchronousModeInAllItsSpellings(String value, SynchronousMode mode) {
        String json = NodeJson.write(Samples.map("synchronous_mode: " + value));

        assertThat(of(json).cluster().synchronousMode()).isEqualTo(mode);
    }

    @Test
    void strictModeWantsAtLeastOneStandby() {
        assertThat(of("{\"synchronous_mode_strict\":true,\"synchronous_node_count\":0}")
                        .cluster()
                        .synchronousNodeCount())
                .isEqualTo(1);
        assertThat(of("{\"synchronous_node_count\":0}").cluster().synchronousNodeCount())
                .isZero();
        assertThat(of("{\"synchronous_node_count\":\"2\"}").cluster().synchronousNodeCount())
                .isEqualTo(2);
    }

    @Test
    void aStandbyClusterHasNoSynchronousMode() {
        DynamicConfig config = of(
                "{\"synchronous_mode\":true,\"standby_cluster\":{\"host\":\"a, b\",\"port\":\"5433\",\"primary_slot_name\":\"s\"}}");

        assertThat(config.cluster().synchronousMode()).isEqualTo(SynchronousMode.OFF);
        assertThat(config.standbyCluster().orElseThrow().hosts()).containsExactly("a", "b");
        assertThat(config.standbyCluster().orElseThrow().port()).contains(5433);
        assertThat(of("{\"standby_cluster\":{\"primary_slot_name\":\"s\",\"host\":\"\"}}")
                        .standbyCluster())
                .isEmpty();
    }

    @Test
    void legacyNamesCountWhenTheNewOneIsAbsent() {
        assertThat(of("{\"master_start_timeout\":7}").cluster().primaryStartTimeout())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(of("{\"master_start_timeout\":7,\"primary_start_timeout\":8}")
                        .cluster()
                        .primaryStartTimeout())
                .isEqualTo(Duration.ofSeconds(8));
        assertThat(of("{\"master_stop_timeout\":9}").cluster().primaryStopTimeout())
                .isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void memberSlotsTtlTakesUnits() {
        assertThat(of("{\"member_slots_ttl\":\"2h\"}").cluster().memberSlotsTtl())
                .isEqualTo(Duration.ofHours(2));
        assertThat(of("{\"member_slots_ttl\":60}").cluster().memberSlotsTtl()).isEqualTo(Duration.ofMinutes(1));
        assertThat(of("{\"member_slots_ttl\":0}").cluster().memberSlotsTtl()).isEqualTo(Duration.ZERO);
    }

    @Test
    void flagsInTextAndWrongOnesAreNoted() {
        assertThat(of("{\"failsafe_mode\":\"on\",\"pause\":\"yes\",\"check_timeline\":1}")
                        .cluster())
                .matches(ClusterConfig::failsafeMode)
                .matches(ClusterConfig::pause)
                .matches(ClusterConfig::checkTimeline);
        assertThat(of("{\"pause\":\"perhaps\"}").cluster().pause()).isFalse();
        assertThat(of("{\"pause\":\"perhaps\"}").notes()).extracting(Note::key).containsExactly("pause");
    }

    @Test
    void theMembersFileWinsOverTheClustersRewind() {
        LocalConfig off = Samples.withPostgres("use_pg_rewind: false\n");

        assertThat(of("{\"postgresql\":{\"use_pg_rewind\":true}}").cluster().usePgRewind())
                .isTrue();
        assertThat(DynamicConfig.of(Optional.of("{\"postgresql\":{\"use_pg_rewind\":true}}"), off, false)
                        .cluster()
                        .usePgRewind())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|true",
                "{\"postgresql\":{\"remove_data_directory_on_diverged_timelines\":false}}|false",
                "{\"postgresql\":{\"remove_data_directory_on_diverged_timelines\":true}}|true",
                "{\"postgresql\":{\"remove_data_directory_on_diverged_timelines\":false,\"remove_data_directory_on_rewind_failure\":true}}|true",
                "{\"matriarch\":{\"reclone_on_divergence\":false}}|false",
                "{\"matriarch\":{\"reclone_on_divergence\":true},\"postgresql\":{\"remove_data_directory_on_diverged_timelines\":false}}|true",
            })
    void recloneUnlessSomebodySwitchedItOff(String json, boolean expected) {
        assertThat(of(json).cluster().recloneOnDivergence()).isEqualTo(expected);
    }

    @Test
    void slotsInAllTheirForms() {
        DynamicConfig config = of("""
                {"slots":{"p":{"type":"physical"},"q":null,"r":5,"s":{},
                 "l":{"type":"logical","database":"app","plugin":"pgoutput","cluster_type":"primary"},
                 "bad":{"type":"logical"},"worse":"x"},
                 "ignore_slots":[{"name":"debezium"},{"type":"logical","database":"d"},{},5]}
                """);

        assertThat(config.slots().permanent()).containsOnlyKeys("p", "q", "r", "s", "l");
        assertThat(config.slots().permanent().get("l"))
                .isEqualTo(new SlotSettings.Slot(
                        Type.LOGICAL, Optional.of("app"), Optional.of("pgoutput"), Optional.of("primary")));
        assertThat(config.notes()).extracting(Note::key).containsExactlyInAnyOrder("slots.bad", "slots.worse");
        List<SlotSettings.Match> ignored = config.slots().ignored();
        assertThat(ignored).hasSize(2);
        assertThat(ignored.get(0).matches("debezium", "logical", Optional.of("x"), Optional.empty()))
                .isTrue();
        assertThat(ignored.get(1).matches("any", "logical", Optional.of("d"), Optional.of("p")))
                .isTrue();
        assertThat(ignored.get(1).matches("any", "physical", Optional.empty(), Optional.empty()))
                .isFalse();
    }

    @Test
    void olderNamesOfSlotsComeFirst() {
        DynamicConfig config = of(
                "{\"slots\":{\"a\":null},\"permanent_slots\":{\"b\":null},\"permanent_replication_slots\":{\"c\":null}}");

        assertThat(config.slots().permanent()).containsOnlyKeys("c");
    }

    @Test
    void aFenceMarginInTheFileIsUsed() {
        LocalConfig local = Samples.load(Samples.SMALL + "matriarch: {fence: {margin: 2s}}\n");

        assertThat(DynamicConfig.of(Optional.of("{}"), local, false).cluster().fenceMargin())
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theFirstDocumentHasOurDefaultsAndTheUsersWishes() {
        assertThat(InitialConfig.document(Samples.small().bootstrap()))
                .isEqualTo(
                        "{\"ttl\":5,\"loop_wait\":1,\"retry_timeout\":2,"
                                + "\"maximum_lag_on_failover\":1048576,\"failsafe_mode\":true,\"postgresql\":{\"use_pg_rewind\":true,\"use_slots\":true}}");

        LocalConfig own = Samples.load(Samples.SMALL + """
                bootstrap:
                  dcs: {ttl: 3, retry_timeout: 1, failsafe_mode: null, postgresql: {use_pg_rewind: false, parameters: {max_connections: 200}}}
                """);

        assertThat(InitialConfig.document(own.bootstrap()))
                .isEqualTo("{\"ttl\":3,\"loop_wait\":1,\"retry_timeout\":1,"
                        + "\"maximum_lag_on_failover\":1048576,\"postgresql\":{\"use_pg_rewind\":false,\"use_slots\":true,"
                        + "\"parameters\":{\"max_connections\":200}}}");
    }

    @Test
    void theFirstDocumentReadsAsTheBootstrapDefaults() {
        DynamicConfig config = of(InitialConfig.document(Samples.small().bootstrap()));

        assertThat(config.cluster()).isEqualTo(ClusterConfig.DEFAULTS);
        assertThat(config.notes()).isEmpty();
    }

    @Test
    void noValueOfTheStoredTreeLosesItsPlace() {
        assertThat(of("{\"unknown\":{\"x\":[1,2.5,null,\"t\"]}}").stored())
                .extracting(NodeJson::write, org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .isEqualTo("{\"unknown\":{\"x\":[1,2.5,null,\"t\"]}}");
    }
}
