package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.matriarch.ha.config.MatriarchConfig.Role;
import io.matriarch.ha.config.Problem.Severity;
import io.matriarch.ha.model.BackupPolicy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {

    @Test
    void aTypicalPatroniFileIsValidUnchanged() {
        ConfigLoader.Loaded loaded = Samples.loader(Map.of()).loadText(Samples.patroniStyle(), "patroni.yml");
        LocalConfig config = loaded.config();
        PostgresConfig postgres = config.node();

        assertThat(loaded.warnings()).isEmpty();
        assertThat(config.scope().prefix()).isEqualTo("/service/demo/");
        assertThat(config.name()).hasToString("pg1");
        assertThat(config.isNode()).isTrue();
        assertThat(config.isManager()).isFalse();
        assertThat(config.restapi().apiUrl()).isEqualTo("http://10.0.0.11:8008/patroni");
        assertThat(config.restapi().authentication().orElseThrow().password().reveal())
                .isEqualTo("rest-secret");
        assertThat(config.matriarch().management()).hasToString("127.0.0.1:9990");
        assertThat(config.etcd().endpoints()).hasSize(3).contains(URI.create("http://10.0.0.22:2379"));
        assertThat(config.etcd().credentials().orElseThrow().username()).isEqualTo("patroni");
        assertThat(postgres.connUrl()).isEqualTo("postgres://10.0.0.11:5432/postgres");
        assertThat(postgres.proxyUrl()).contains("postgres://10.0.0.11:6432/postgres");
        assertThat(postgres.program("pg_rewind")).hasToString("/usr/lib/postgresql/15/bin/pg_rewind");
        assertThat(postgres.configDir()).hasToString("/etc/postgresql/15/main");
        assertThat(postgres.authentication().rewind().username()).isEqualTo("rewind_user");
        assertThat(postgres.authentication().superuser().connection()).containsEntry("sslmode", "prefer");
        assertThat(postgres.createReplicaMethods()).containsExactly("pgbackrest", "basebackup");
        assertThat(postgres.replicaMethods().get("pgbackrest"))
                .isEqualTo(new ReplicaMethod(
                        "pgbackrest", "pgbackrest --stanza=demo --delta restore", true, true, false, false, Map.of()));
        assertThat(postgres.basebackup())
                .extracting(ToolOption::argument)
                .containsExactly("--checkpoint=fast", "--max-rate=100M");
        assertThat(postgres.parameters())
                .containsEntry("hot_standby_feedback", "on")
                .containsEntry("shared_buffers", "256MB");
        assertThat(config.bootstrap().initdb())
                .extracting(ToolOption::argument)
                .containsExactly("--encoding=UTF8", "--data-checksums");
        assertThat(config.bootstrap().users().get("app").options()).containsExactly("createrole", "createdb");
        assertThat(config.bootstrap().postBootstrap()).contains("/usr/local/bin/setup_cluster.sh");
        assertThat(config.watchdog().mode()).isEqualTo(WatchdogConfig.Mode.OFF);
        assertThat(config.log().mode()).contains(0640);
        assertThat(config.log().loggers()).containsEntry("urllib3", "ERROR");
        assertThat(config.tags().values()).containsOnly(Map.entry("datacenter", "north"));
    }

    @Test
    void theShortestFileHasSensibleDefaults() {
        LocalConfig config = Samples.small();
        PostgresConfig postgres = config.node();

        assertThat(config.restapi().connectAddress()).hasToString("127.0.0.1:8008");
        assertThat(config.restapi().tls()).isEmpty();
        assertThat(postgres.connectAddress()).hasToString("127.0.0.1:5432");
        assertThat(postgres.configDir()).isEqualTo(postgres.dataDir());
        assertThat(postgres.authentication().superuser().username()).isEqualTo("postgres");
        assertThat(postgres.authentication().rewind())
                .isEqualTo(postgres.authentication().superuser());
        assertThat(postgres.pgCtlTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.bootstrap().initdb())
                .extracting(ToolOption::argument)
                .containsExactly("--encoding=UTF8", "--data-checksums");
        assertThat(config.matriarch().backup().policy()).isEqualTo(BackupPolicy.DEFAULTS);
    }

    /** What to add to or replace in the small file, the key that is complained about, and a part of the complaint. */
    @ParameterizedTest(name = "{1}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "scope: demo => scope: a/b|scope|\"a/b\" is not allowed",
                "scope: demo => |scope|is missing",
                "scope: demo => scope: [a]|scope|not a list",
                "name: n1 => |name|is missing",
                "name: n1 => name: 'a b'|name|\"a b\"",
                "name: n1 => name: a/b|name|part of a key in etcd",
                "scope: demo => scope: demo\\nnamespace: 'a b'|namespace|\"a b\"",
                "  listen: 127.0.0.1:8008 => |restapi.listen|is missing",
                "127.0.0.1:8008 => 127.0.0.1:0|restapi.listen|from 1 to 65535",
                "127.0.0.1:8008 => 127.0.0.1:80080|restapi.listen|\"127.0.0.1:80080\"",
                "127.0.0.1:8008 => 0.0.0.0:8008|restapi.connect_address|is missing, and 0.0.0.0",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  connect_address: 0.0.0.0:8008|restapi.connect_address|cannot be connected to",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  connect_address: ':8008'|restapi.connect_address|host:port",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  keyfile: /k|restapi.certfile|is missing",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  certfile: /c\\n  verify_client: required|restapi.cafile|is missing",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  certfile: /c\\n  ciphers: CAMELLIA|restapi.ciphers|leaves no cipher",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  verify_client: maybe|restapi.verify_client|none, optional, required",
                "127.0.0.1:8008 => 127.0.0.1:8008\\n  authentication: {username: x}|restapi.authentication.password|go together",
                "127.0.0.1:8008 => 127.0.0.1:65000|matriarch.management.listen|above 65535",
                "etcd3: => consul:|etcd3|\"consul\" is not supported",
                "hosts: 127.0.0.1:2379 => hots: 1|etcd3.hosts|is missing",
                "hosts: 127.0.0.1:2379 => hosts: []|etcd3.hosts|is empty",
                "hosts: 127.0.0.1:2379 => hosts: a:1,b:99999|etcd3.hosts|\"b:99999\"",
                "hosts: 127.0.0.1:2379 => hosts: a_b:1|etcd3.hosts|\"a_b:1\"",
                "hosts: 127.0.0.1:2379 => url: ftp://a|etcd3.url|http(s)://host:port",
                "hosts: 127.0.0.1:2379 => url: 'http://a b'|etcd3.url|is not a URL",
                "hosts: 127.0.0.1:2379 => hosts: a:1\\n  protocol: tcp|etcd3.protocol|http, https",
                "hosts: 127.0.0.1:2379 => hosts: a:1\\n  username: u|etcd3.password|go together",
                "hosts: 127.0.0.1:2379 => hosts: a:1\\n  protocol: https\\n  key: /k|etcd3.cert|is missing",
                "  listen: 127.0.0.1:5432 => |postgresql.listen|is missing",
                "127.0.0.1:5432 => a:1,b:2|postgresql.listen|\"a:1,b:2\"",
                "127.0.0.1:5432 => '*:5432'|postgresql.connect_address|is missing, and *",
                "127.0.0.1:5432 => 127.0.0.1:8008|postgresql.listen|port 8008 of restapi",
                "127.0.0.1:5432 => 127.0.0.1:9990|postgresql.listen|matriarch.management",
                "data_dir: /data/n1 => data_dir: /|postgresql.data_dir|root of the file system",
                "data_dir: /data/n1 => data_dir: data|postgresql.data_dir|an absolute path",
                "data_dir: /data/n1 => data_dir: /data/..|postgresql.data_dir|root of the file system",
                "data_dir: /data/n1 => |postgresql.data_dir|is missing",
                "data_dir: /data/n1 => data_dir: {a: b}|postgresql.data_dir|not a map",
                "replication: {username: replicator, password: rep-secret} => |postgresql.authentication.replication.username|is missing",
                "username: replicator, => username: replicator, sslmode: some,|postgresql.authentication.replication.sslmode|verify-full",
                "bin_dir: => basebackup: 5\\n  bin_dir:|postgresql.basebackup|must be a list",
                "bin_dir: => pg_hba: x\\n  bin_dir:|postgresql.pg_hba|must be a list",
                "bin_dir: => pg_hba: [[a]]\\n  bin_dir:|postgresql.pg_hba|one text",
                "bin_dir: => parameters: [a]\\n  bin_dir:|postgresql.parameters|must be a map",
                "bin_dir: => parameters: {a: [b]}\\n  bin_dir:|postgresql.parameters.a|one value",
                "bin_dir: => pg_ctl_timeout: soon\\n  bin_dir:|postgresql.pg_ctl_timeout|\"soon\"",
                "bin_dir: => use_pg_rewind: perhaps\\n  bin_dir:|postgresql.use_pg_rewind|true, false",
                "bin_dir: => create_replica_methods: [wal_g]\\n  bin_dir:|postgresql.wal_g|is missing",
                "bin_dir: => create_replica_methods: [wal_g]\\n  wal_g: {keep_data: true}\\n  bin_dir:|postgresql.wal_g.command|is missing",
                "bin_dir: => bin_name: {postgres: ../x}\\n  bin_dir:|postgresql.bin_name.postgres|file name",
            })
    void eachProblemNamesItsKey(String change, String key, String mention) {
        expectError(change, key, mention);
    }

    @ParameterizedTest(name = "{1}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bootstrap: {dcs: {ttl: 2}}|bootstrap.dcs.ttl|from 3",
                "bootstrap: {dcs: {loop_wait: 0}}|bootstrap.dcs.loop_wait|from 1",
                "bootstrap: {dcs: {retry_timeout: x}}|bootstrap.dcs.retry_timeout|\"x\"",
                "bootstrap: {dcs: {synchronous_mode: full}}|bootstrap.dcs.synchronous_mode|off, on, quorum",
                "bootstrap: {dcs: {maximum_lag_on_failover: 1MB}}|bootstrap.dcs.maximum_lag_on_failover|whole number",
                "bootstrap: {dcs: {slots: [a]}}|bootstrap.dcs.slots|must be a map",
                "bootstrap: {dcs: {ignore_slots: {a: b}}}|bootstrap.dcs.ignore_slots|a list",
                "bootstrap: {dcs: {standby_cluster: {host: a, port: 0}}}|bootstrap.dcs.standby_cluster.port|from 1 to 65535",
                "bootstrap: {dcs: {postgresql: {parameters: {wal_level: minimal}}}}|bootstrap.dcs.postgresql.parameters.wal_level|replica or logical",
                "bootstrap: {dcs: {postgresql: {parameters: {wal_keep_size: 8MB}}}}|bootstrap.dcs.postgresql.parameters.wal_keep_size|at least 16MB",
                "bootstrap: {dcs: [a]}|bootstrap.dcs|must be a map",
                "bootstrap: {method: clone}|bootstrap.clone|is missing",
                "bootstrap: {initdb: [[a]]}|bootstrap.initdb|each option",
                "bootstrap: {initdb: ['a b']}|bootstrap.initdb|\"a b\"",
                "log: {level: LOUD}|log.level|DEBUG, INFO",
                "log: {type: xml}|log.type|plain, json",
                "log: {mode: 0999}|log.mode|octal",
                "watchdog: {mode: sometimes}|watchdog.mode|off, automatic, required",
                "tags: {nofailover: perhaps}|tags.nofailover|true, false",
                "tags: {failover_priority: high}|tags.failover_priority|whole number",
                "tags: {a: [b]}|tags.a|not a list",
                "matriarch: {roles: boss}|matriarch.roles|node, manager",
                "matriarch: {management: {listen: 9990}}|matriarch.management.listen|host:port",
                "matriarch: {management: {listen: '127.0.0.1:8008'}}|matriarch.management.listen|another port",
                "matriarch: {fence: {margin: 10ms}}|matriarch.fence.margin|at least 500",
                "matriarch: {backup: {zone: Mars/Base}}|matriarch.backup.zone|time zone",
                "matriarch: {backup: {schedule: '* * * *'}}|matriarch.backup.schedule|five cron fields",
                "matriarch: {backup: {keep: 0}}|matriarch.backup.keep|from 1",
                "matriarch: {backup: {repository: rel}}|matriarch.backup.repository|absolute path",
                "ctl: {authentication: {password: p}}|ctl.authentication.username|go together",
            })
    void problemsOfFurtherSections(String section, String key, String mention) {
        expectError("scope: demo => " + section + "\\nscope: demo", key, mention);
    }

    private static void expectError(String change, String key, String mention) {
        String[] parts = change.replace("\\n", "\n").split(" => ?", 2);
        assertThat(Samples.SMALL).contains(parts[0]);
        List<Problem> problems = Samples.problems(Samples.SMALL.replace(parts[0], parts[1]));

        assertThat(problems)
                .filteredOn(problem -> problem.severity() == Severity.ERROR)
                .anySatisfy(problem -> {
                    assertThat(problem.key()).isEqualTo(key);
                    assertThat(problem.message()).contains(mention);
                    assertThat(problem.at().toString()).startsWith("test.yml");
                });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "colour: red|colour|unknown key",
                "restpai: {}|restpai|did you mean \"restapi\"?",
                "ttl: 30|ttl|put it into bootstrap.dcs",
                "etcd: {host: a}|etcd|is ignored",
                "citus: {group: 0}|citus|not supported",
                "watchdog: {mode: required}|watchdog.mode|no use for the watchdog device",
                "matriarch: {role: node}|matriarch.role|did you mean \"roles\"?",
                "bootstrap: {dcs: {loopwait: 1}}|bootstrap.dcs.loopwait|did you mean \"loop_wait\"?",
                "bootstrap: {dcs: {ttl: 30, loop_wait: 28, retry_timeout: 10}}|bootstrap.dcs.loop_wait|will be used",
                "bootstrap: {dcs: {postgresql: {listen: 'a:1'}}}|bootstrap.dcs.postgresql.listen|belongs to one machine",
                "bootstrap: {dcs: {postgresql: {use_slot: on}}}|bootstrap.dcs.postgresql.use_slot|did you mean \"use_slots\"?",
                "bootstrap: {initdb: [{pwfile: /x}]}|bootstrap.initdb|\"pwfile\" is ignored",
                "tags: {no_failover: true}|tags.no_failover|did you mean \"nofailover\"?",
                "tags: {nofailover: true, failover_priority: 5}|tags.nofailover|contradicts",
                "tags: {nosync: false, sync_priority: 0}|tags.nosync|contradicts",
            })
    void doubtsAreWarnings(String section, String key, String mention) {
        List<Problem> problems = Samples.problems(section + "\n" + Samples.SMALL);

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.severity()).isEqualTo(Severity.WARNING);
            assertThat(problem.key()).isEqualTo(key);
            assertThat(problem.message()).contains(mention);
            assertThat(problem.at()).hasToString("test.yml:1");
        });
    }

    @Test
    void allProblemsComeAtOnceAndShowNoSecret() {
        List<Problem> problems = Samples.problems("""
                scope: a b
                restapi: {listen: 'x:y', authentication: {username: [1], password: {hunter2: x}}}
                etcd3: {url: 'http://user:hunter2@a b:1', password: [hunter2]}
                postgresql:
                  listen: 1
                  authentication: {superuser: {password: [hunter2]}, replication: hunter2}
                """);

        assertThat(problems)
                .filteredOn(problem -> problem.severity() == Severity.ERROR)
                .hasSizeGreaterThan(8);
        assertThat(problems.toString()).doesNotContain("hunter2");
    }

    @ParameterizedTest(name = "{0} {1} -> {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "pg_hba: [host replication all all md5]|ERROR", "pg_hba: [host replication all all trust]|-",
                        "pg_hba: [hostssl all all 0.0.0.0/0 cert clientcert=1]|-",
                "parameters: {}|WARNING", "krbsrvname: postgres|-", "pgpass: /p|-",
                "use_unix_socket: true\\nuse_unix_socket_repl: true\\npg_hba: [host all all all md5]|-",
            })
    void aMissingPasswordNeedsAnotherWayToLogIn(String lines, Severity severity) {
        String yaml = Samples.SMALL.replace(", password: rep-secret", "").replace("{password: super-secret}", "{}")
                + lines.replace("\\n", "\n").indent(2);

        List<Problem> problems = Samples.problems(yaml);

        if (severity == null) {
            assertThat(problems).isEmpty();
        } else {
            assertThat(problems)
                    .extracting(Problem::key, Problem::severity)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(
                                    "postgresql.authentication.superuser.password", severity),
                            org.assertj.core.groups.Tuple.tuple(
                                    "postgresql.authentication.replication.password", severity));
        }
    }

    @Test
    void loopbackAddressesAreDoubtfulOnlyIfEtcdIsElsewhere() {
        assertThat(Samples.problems(Samples.SMALL.replace("127.0.0.1:2379", "etcd1:2379")))
                .extracting(Problem::key)
                .containsExactlyInAnyOrder("restapi.connect_address", "postgresql.connect_address");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "host: a|http://a:2379",
                "host: a:1|http://a:1",
                "host: a\\n  port: 7|http://a:7",
                "hosts: a,b:5|http://a:2379 http://b:5",
                "hosts: [a, 'b:5']|http://a:2379 http://b:5",
                "hosts: a\\n  protocol: https|https://a:2379",
                "url: https://u:p@a:1|https://a:1",
                "urls: [http://a:1, https://b]|http://a:1 https://b:2379",
                "hosts: 'https://a:1,b'|https://a:1 http://b:2379",
                "proxy: http://p:1|http://p:1",
                "hosts: \"'a:1','b:2'\"|http://a:1 http://b:2",
                "hosts: '[::1]:2379'|http://[::1]:2379",
                "hosts: a,a|http://a:2379",
            })
    void etcdAddressesInAllTheirForms(String written, String endpoints) {
        EtcdConfig etcd = Samples.load(Samples.SMALL.replace("hosts: 127.0.0.1:2379", written.replace("\\n", "\n")))
                .etcd();

        assertThat(etcd.endpoints())
                .containsExactlyElementsOf(
                        List.of(endpoints.split(" ")).stream().map(URI::create).toList());
    }

    @Test
    void etcdByServiceRecords() {
        EtcdConfig etcd = Samples.load(Samples.SMALL.replace(
                        "hosts: 127.0.0.1:2379", "srv: example.org\n  srv_suffix: x\n  protocol: https"))
                .etcd();

        assertThat(etcd.endpoints()).isEmpty();
        assertThat(etcd.srv()).contains("example.org");
        assertThat(etcd.https()).isTrue();
    }

    @Test
    void aManagerAloneNeedsNoPostgres() {
        LocalConfig config = Samples.load("""
                scope: demo
                name: manager
                restapi: {listen: 10.0.0.9:8008}
                etcd3: {hosts: 10.0.0.9}
                matriarch: {roles: manager, backup: {repository: /backups, schedule: '15 3 * * mon-fri', keep: 7}}
                """);

        assertThat(config.postgresql()).isEmpty();
        assertThat(config.matriarch().roles()).containsExactly(Role.MANAGER);
        assertThat(config.matriarch().backup().repository()).contains(Path.of("/backups"));
        assertThat(config.matriarch().backup().policy().schedules())
                .containsEntry(BackupPolicy.Job.BACKUP, "15 3 * * mon-fri");
        assertThat(config.matriarch().backup().policy().retention().keep()).isEqualTo(7);
        assertThat(config.access()).isEmpty();
        assertThatThrownBy(config::node).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aManagerAloneNeedsOfPostgresOnlyWhoToLogInAs() {
        LocalConfig config = Samples.load("""
                scope: demo
                name: manager
                restapi: {listen: 10.0.0.9:8008}
                etcd3: {hosts: 10.0.0.9}
                postgresql: {authentication: {replication: {username: rep, password: secret}}}
                matriarch: {roles: manager}
                """);

        assertThat(config.postgresql()).isEmpty();
        assertThat(config.access().map(a -> a.authentication().replication().username()))
                .contains("rep");
    }

    @Test
    void filesOfADirectoryMergeInTheOrderOfTheirNames(@TempDir Path dir) throws Exception {
        Files.writeString(dir.resolve("10-base.yml"), Samples.SMALL + "  parameters: {a: 1, b: 2}\n");
        Files.writeString(dir.resolve("20-host.yaml"), "name: n2\npostgresql: {parameters: {b: 3}, bin_dir: /b}\n");
        Files.writeString(dir.resolve("30-note.txt"), "name: n3\n");

        LocalConfig config = Samples.loader(Map.of()).load(dir).config();

        assertThat(config.name()).hasToString("n2");
        assertThat(config.node().parameters()).containsEntry("a", "1").containsEntry("b", "3");
        assertThat(config.node().binDir()).hasToString("/b");
    }

    @Test
    void aFileThatCannotBeReadIsOneProblem(@TempDir Path dir) throws Exception {
        Path latin = Files.write(dir.resolve("latin.yml"), new byte[] {'a', ':', ' ', (byte) 0xe9, '\n'});
        Path list = Files.writeString(dir.resolve("list.yml"), "- a\n");
        Path empty = Files.createDirectory(dir.resolve("empty"));
        ConfigLoader loader = Samples.loader(Map.of());

        assertThatThrownBy(() -> loader.load(dir.resolve("none.yml"))).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> loader.load(latin)).hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> loader.load(list)).hasMessageContaining("must be a map");
        assertThatThrownBy(() -> loader.load(empty)).hasMessageContaining("no .yml file");
    }

    @Test
    void theEnvironmentCanHoldTheWholeConfiguration() {
        ConfigLoader loader = Samples.loader(Map.of("PATRONI_CONFIGURATION", Samples.SMALL, "PATRONI_NAME", "other"));

        assertThat(loader.loadFromEnvironment().config().name()).hasToString("n1");
        assertThatThrownBy(() -> Samples.loader(Map.of()).loadFromEnvironment())
                .hasMessageContaining("PATRONI_CONFIGURATION: is not set");
    }

    @Test
    void tagsArePublishedByPatronisRules() {
        assertThat(tags("{nofailover: false, clonefrom: off, nosync: no, nostream: false, noloadbalance: false}"))
                .isEmpty();
        assertThat(tags("{nofailover: true, clonefrom: yes}"))
                .containsOnly(Map.entry("nofailover", "true"), Map.entry("clonefrom", "true"));
        assertThat(tags("{nofailover: false, failover_priority: 2}"))
                .containsOnly(Map.entry("nofailover", "false"), Map.entry("failover_priority", "2"));
        assertThat(tags("{nosync: false, sync_priority: '3'}"))
                .containsOnly(Map.entry("nosync", "false"), Map.entry("sync_priority", "3"));
        assertThat(tags("{nofailover: false, sync_priority: 3}")).containsOnly(Map.entry("sync_priority", "3"));
        assertThat(tags("{rack: 7, replicatefrom: n2, empty: }"))
                .containsOnly(Map.entry("rack", "7"), Map.entry("replicatefrom", "n2"));
    }

    private static Map<String, String> tags(String yaml) {
        return Samples.load(Samples.SMALL + "tags: " + yaml + "\n").tags().values();
    }

    @Test
    void tlsNeedsOnlyACertificate() {
        RestApiConfig api = Samples.load(
                        Samples.SMALL.replace(
                                "127.0.0.1:8008",
                                "127.0.0.1:8008\n  certfile: /c\n  cafile: /a\n  verify_client: optional\n  allowlist: [10.0.0.0/8, host1]"))
                .restapi();

        assertThat(api.apiUrl()).startsWith("https://");
        assertThat(api.tls().orElseThrow().verifyClient()).isEqualTo(RestApiConfig.VerifyClient.OPTIONAL);
        assertThat(api.tls().orElseThrow().keyfile()).isEqualTo(Optional.empty());
        assertThat(api.allowlist()).containsExactly("10.0.0.0/8", "host1");
    }
}
