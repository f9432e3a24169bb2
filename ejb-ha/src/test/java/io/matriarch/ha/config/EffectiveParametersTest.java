package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.config.Node.Mapping;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EffectiveParametersTest {

    private static EffectivePostgres effective(String dynamic, String local) {
        return EffectivePostgres.of(Samples.map(dynamic), Samples.withPostgres(local), 15);
    }

    private static EffectivePostgres parameters(String dynamic, String local) {
        return effective("postgresql: {parameters: {" + dynamic + "}}", "parameters: {" + local + "}\n");
    }

    @Test
    void theCommandLineHasEveryOwnedSetting() {
        EffectiveParameters parameters = parameters("", "").parameters();

        assertThat(parameters.commandLine())
                .containsExactly(
                        Map.entry("listen_addresses", "127.0.0.1"),
                        Map.entry("port", "5432"),
                        Map.entry("cluster_name", "demo"),
                        Map.entry("hot_standby", "on"),
                        Map.entry("wal_level", "replica"),
                        Map.entry("max_connections", "100"),
                        Map.entry("max_wal_senders", "10"),
                        Map.entry("max_prepared_transactions", "0"),
                        Map.entry("max_locks_per_transaction", "64"),
                        Map.entry("max_replication_slots", "10"),
                        Map.entry("max_worker_processes", "8"),
                        Map.entry("track_commit_timestamp", "off"),
                        Map.entry("wal_log_hints", "on"));
        assertThat(parameters.file()).containsExactly(Map.entry("wal_keep_size", "128MB"));
        assertThat(parameters.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "max_connections,200,200",
        "max_connections,'\"200\"',200",
        "max_connections,24,100",
        "max_connections,many,100",
        "wal_level,logical,logical",
        "wal_level,hot_standby,replica",
        "wal_level,minimal,replica",
        "wal_level,LOGICAL,logical",
        "max_wal_senders,2,10",
        "max_wal_senders,3,3",
        "max_prepared_transactions,0,0",
        "max_prepared_transactions,-1,0",
        "max_locks_per_transaction,31,64",
        "max_replication_slots,4,4",
        "max_worker_processes,1,8",
        "track_commit_timestamp,on,on",
        "track_commit_timestamp,'\"true\"',on",
        "wal_log_hints,off,off",
        "wal_log_hints,perhaps,on",
    })
    void ownedSettingsAreCheckedAndFallBack(String name, String stored, String used) {
        EffectivePostgres effective = parameters(name + ": " + stored, "");

        assertThat(effective.parameters().commandLine()).containsEntry(name, used);
        assertThat(effective.parameters().file()).doesNotContainKey(name);
    }

    @Test
    void aFallBackIsNoted() {
        assertThat(parameters("max_connections: 3", "").notes())
                .extracting(Note::toString)
                .containsExactly(
                        "postgresql.parameters.max_connections: 3 is stored, 100 is used: allowed: a whole number of at least 25");
    }

    @Test
    void theFileWinsExceptForOwnedSettings() {
        EffectivePostgres effective = parameters(
                "work_mem: 4MB, shared_buffers: 1GB, max_connections: 300",
                "Work_Mem: 8MB, max_connections: 50, jit: off, wal_keep_size: 1GB");

        assertThat(effective.parameters().file())
                .containsEntry("work_mem", "8MB")
                .containsEntry("shared_buffers", "1GB")
                .containsEntry("jit", "off")
                .containsEntry("wal_keep_size", "128MB");
        assertThat(effective.parameters().commandLine()).containsEntry("max_connections", "300");
        assertThat(effective.notes())
                .extracting(Note::key)
                .containsExactlyInAnyOrder(
                        "postgresql.parameters.max_connections", "postgresql.parameters.wal_keep_size");
    }

    @Test
    void nobodySetsWhereTheServerListensOrItsName() {
        EffectivePostgres effective = parameters(
                "port: 1, cluster_name: x, listen_addresses: '*', hot_standby: off, data_directory: /x", "port: 2");

        assertThat(effective.parameters().commandLine())
                .containsEntry("port", "5432")
                .containsEntry("cluster_name", "demo")
                .containsEntry("hot_standby", "on")
                .doesNotContainKey("data_directory");
        assertThat(effective.parameters().file()).containsOnlyKeys("wal_keep_size");
        assertThat(effective.notes()).hasSize(6);
        assertThat(parameters("hot_standby: 'on'", "hot_standby: on").notes()).isEmpty();
    }

    @Test
    void recoverySettingsGoWhereTheyBelong() {
        EffectivePostgres effective = effective("""
                postgresql:
                  parameters: {restore_command: a, primary_conninfo: host=evil, recovery_target_time: now}
                  recovery_conf: {restore_command: b, archive_cleanup_command: c, primary_slot_name: s}
                """, "recovery_conf: {restore_command: d}\n");

        assertThat(effective.parameters().recovery()).containsExactly(Map.entry("restore_command", "d"));
        assertThat(effective.parameters().file()).containsOnlyKeys("wal_keep_size");
        assertThat(effective.notes())
                .extracting(Note::key)
                .contains("postgresql.parameters.primary_conninfo", "postgresql.parameters.recovery_target_time");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "15,wal_keep_segments: 10,wal_keep_size,160MB", "15,wal_keep_size: 64MB,wal_keep_size,64MB",
                        "15,wal_keep_size: 64,wal_keep_size,64MB",
                "15,wal_keep_size: 1MB,wal_keep_size,128MB", "15,wal_keep_size: 1GB,wal_keep_size,1GB",
                        "15,x: y,wal_keep_size,128MB",
                "12,x: y,wal_keep_segments,8", "12,wal_keep_size: 1GB,wal_keep_segments,64",
                        "12,wal_keep_segments: 5,wal_keep_segments,5",
                "12,wal_keep_segments: 0,wal_keep_segments,8",
            })
    void walIsKeptInTheWordsOfTheVersion(int version, String dynamic, String name, String value) {
        EffectivePostgres effective = EffectivePostgres.of(
                Samples.map("postgresql: {parameters: {" + dynamic + "}}"), Samples.small(), version);

        assertThat(effective.parameters().file())
                .containsEntry(name, value)
                .doesNotContainKey(name.equals("wal_keep_size") ? "wal_keep_segments" : "wal_keep_size");
    }

    @Test
    void aStandbyStartsWithNoLessThanItsPrimaryHad() {
        EffectiveParameters parameters = parameters("max_connections: 100", "").parameters();
        Map<String, Long> control =
                Map.of("max_connections", 300L, "max_worker_processes", 4L, "max_wal_senders", 10L, "unknown", 9L);

        assertThat(parameters.raisedBy(control)).containsExactly("max_connections");
        assertThat(parameters.notBelow(control).commandLine())
                .containsEntry("max_connections", "300")
                .containsEntry("max_worker_processes", "8");
    }

    @Test
    void valueOfSeveralLinesIsDiscardedAndOneThatEndsALineIsNot() {
        EffectivePostgres effective = parameters("archive_command: \"test %p\\n\", work_mem: \"1MB\\n#\"", "");

        assertThat(effective.parameters().file())
                .containsEntry("archive_command", "test %p")
                .doesNotContainKey("work_mem");
        assertThat(effective.notes()).extracting(Note::key).contains("postgresql.parameters.work_mem");
    }

    @Test
    void theRestOfTheSectionMergesKeyByKey() {
        EffectivePostgres effective =
                effective("""
                postgresql:
                  use_pg_rewind: true
                  pg_ctl_timeout: 30
                  pg_hba: [host all all all md5]
                  pg_ident: [a b c]
                  listen: evil:1
                  data_dir: /evil
                  authentication: {superuser: {password: evil}}
                  bin_dir: /evil
                  basebackup: [{max-rate: 1M}]
                  callbacks: {on_start: /s}
                """, "pg_hba: [local all all peer]\nparameters: {ident_file: /etc/ident}\n");
        PostgresConfig config = effective.config();

        assertThat(config.usePgRewind()).isTrue();
        assertThat(config.pgCtlTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.pgHba()).containsExactly("local all all peer");
        assertThat(config.listen()).hasToString("127.0.0.1:5432");
        assertThat(config.dataDir()).hasToString("/data/n1");
        assertThat(config.binDir()).hasToString("/usr/lib/postgresql/15/bin");
        assertThat(config.authentication().superuser().password().orElseThrow().reveal())
                .isEqualTo("super-secret");
        assertThat(config.basebackup()).extracting(ToolOption::argument).containsExactly("--max-rate=1M");
        assertThat(config.callbacks()).containsEntry("on_start", "/s");
        assertThat(effective.hbaManaged()).isTrue();
        assertThat(effective.identManaged()).isFalse();
    }

    @Test
    void wrongDynamicValuesBecomeNotes() {
        Mapping dynamic = DynamicConfig.object("""
                {"postgresql": {"pg_ctl_timeout": "soon", "pg_hba": "x", "nonsense": 1, "parameters": {"work_mem": ["a"]}}}
                """).orElseThrow();

        EffectivePostgres effective = EffectivePostgres.of(dynamic, Samples.small(), 15);

        assertThat(effective.config().pgCtlTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(effective.notes())
                .extracting(Note::key)
                .contains("postgresql.pg_ctl_timeout", "postgresql.pg_hba", "postgresql.parameters.work_mem");
    }
}
