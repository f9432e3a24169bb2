package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentOverridesTest {

    private static LocalConfig with(Map<String, String> environment) {
        return Samples.loader(environment).loadText(Samples.SMALL, "test.yml").config();
    }

    @Test
    void variablesWinOverTheFile() {
        LocalConfig config = with(Map.ofEntries(
                Map.entry("PATRONI_NAME", "n9"),
                Map.entry("PATRONI_SCOPE", "prod"),
                Map.entry("PATRONI_NAMESPACE", "/ha/"),
                Map.entry("PATRONI_RESTAPI_LISTEN", "10.0.0.1:8009"),
                Map.entry("PATRONI_RESTAPI_CONNECT_ADDRESS", "10.0.0.2:8009"),
                Map.entry("PATRONI_RESTAPI_USERNAME", "admin"),
                Map.entry("PATRONI_RESTAPI_PASSWORD", "pw"),
                Map.entry("PATRONI_RESTAPI_ALLOWLIST_INCLUDE_MEMBERS", "true"),
                Map.entry("PATRONI_RESTAPI_ALLOWLIST", "10.0.0.0/8, h1"),
                Map.entry("PATRONI_RESTAPI_HTTP_EXTRA_HEADERS", "X-A: b"),
                Map.entry("PATRONI_ETCD3_HOSTS", "'e1:2379','e2:2379'"),
                Map.entry("PATRONI_ETCD3_PROTOCOL", "https"),
                Map.entry("PATRONI_POSTGRESQL_LISTEN", "10.0.0.1:6000"),
                Map.entry("PATRONI_POSTGRESQL_DATA_DIR", "/data/n9"),
                Map.entry("PATRONI_POSTGRESQL_BIN_DIR", "/pg/bin"),
                Map.entry("PATRONI_POSTGRESQL_BIN_POSTGRES", "postgres15"),
                Map.entry("PATRONI_POSTGRESQL_BIN_IS_READY", "ready"),
                Map.entry("PATRONI_SUPERUSER_USERNAME", "root"),
                Map.entry("PATRONI_SUPERUSER_PASSWORD", "secret"),
                Map.entry("PATRONI_REPLICATION_SSLMODE", "require"),
                Map.entry("PATRONI_REWIND_USERNAME", "rew"),
                Map.entry("PATRONI_REWIND_PASSWORD", "rp"),
                Map.entry("PATRONI_LOG_LEVEL", "debug"),
                Map.entry("PATRONI_LOG_LOGGERS", "{a: WARNING, b: ERROR}"),
                Map.entry("PATRONI_CTL_INSECURE", "on")));

        assertThat(config.scope().prefix()).isEqualTo("/ha/prod/");
        assertThat(config.name()).hasToString("n9");
        assertThat(config.restapi().listen()).hasToString("10.0.0.1:8009");
        assertThat(config.restapi().connectAddress()).hasToString("10.0.0.2:8009");
        assertThat(config.restapi().authentication().orElseThrow().password().reveal())
                .isEqualTo("pw");
        assertThat(config.restapi().allowlist()).containsExactly("10.0.0.0/8", "h1");
        assertThat(config.restapi().allowlistIncludeMembers()).isTrue();
        assertThat(config.restapi().httpExtraHeaders()).containsEntry("X-A", "b");
        assertThat(config.etcd().endpoints())
                .extracting(Object::toString)
                .containsExactly("https://e1:2379", "https://e2:2379");
        assertThat(config.node().listen().port()).isEqualTo(6000);
        assertThat(config.node().dataDir()).isEqualTo(Path.of("/data/n9"));
        assertThat(config.node().program("postgres")).isEqualTo(Path.of("/pg/bin/postgres15"));
        assertThat(config.node().program("pg_isready")).isEqualTo(Path.of("/pg/bin/ready"));
        assertThat(config.node().authentication().superuser().username()).isEqualTo("root");
        assertThat(config.node()
                        .authentication()
                        .superuser()
                        .password()
                        .orElseThrow()
                        .reveal())
                .isEqualTo("secret");
        assertThat(config.node().authentication().replication().connection()).containsEntry("sslmode", "require");
        assertThat(config.node()
                        .authentication()
                        .replication()
                        .password()
                        .orElseThrow()
                        .reveal())
                .isEqualTo("rep-secret");
        assertThat(config.node().authentication().rewind().username()).isEqualTo("rew");
        assertThat(config.log().level()).isEqualTo("DEBUG");
        assertThat(config.log().loggers()).containsEntry("b", "ERROR");
        assertThat(config.ctl().insecure()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "e1:1,e2:2|http://e1:1 http://e2:2",
                "'e1:1','e2:2'|http://e1:1 http://e2:2",
                "[e1, e2]|http://e1:2379 http://e2:2379",
                "- e1\\n- e2|http://e1:2379 http://e2:2379",
                "e1|http://e1:2379",
            })
    void listsInAllTheirSpellings(String value, String endpoints) {
        assertThat(with(Map.of("PATRONI_ETCD3_HOSTS", value.replace("\\n", "\n")))
                        .etcd()
                        .endpoints())
                .extracting(Object::toString)
                .containsExactlyElementsOf(List.of(endpoints.split(" ")));
    }

    @Test
    void emptyVariablesAndOthersAreLeftAlone() {
        assertThat(with(Map.of("PATRONI_NAME", "", "NAME", "x", "PATH", "/bin")).name())
                .hasToString("n1");
    }

    @Test
    void theOldLogVariablesStillCount() {
        assertThat(with(Map.of("PATRONI_LOGLEVEL", "ERROR")).log().level()).isEqualTo("ERROR");
    }

    @Test
    void problemsNameTheVariable() {
        List<Problem> problems = Samples.problems(
                Samples.SMALL,
                Map.of(
                        "PATRONI_RESTAPI_LISTEN",
                        "nowhere:0",
                        "PATRONI_POSTGRESQL_LISTN",
                        "x",
                        "PATRONI_LOG_LOGGERS",
                        "{a: [",
                        "PATRONI_CONSUL_HOST",
                        "c",
                        "PATRONI_SUPERUSER_PASSWORD",
                        "hunter2",
                        "PATRONI_SUPERUSER_SSLMODE",
                        "hunter"));

        assertThat(problems)
                .extracting(Problem::toString)
                .satisfiesExactlyInAnyOrder(
                        text -> assertThat(text)
                                .contains(
                                        "environment variable PATRONI_RESTAPI_LISTEN: error: restapi.listen",
                                        "nowhere:0"),
                        text -> assertThat(text)
                                .contains("PATRONI_POSTGRESQL_LISTN", "did you mean \"PATRONI_POSTGRESQL_LISTEN\"?"),
                        text -> assertThat(text).contains("PATRONI_LOG_LOGGERS: error", "is not a map"),
                        text -> assertThat(text).contains("PATRONI_CONSUL_HOST", "etcd"),
                        text -> assertThat(text).contains("PATRONI_SUPERUSER_SSLMODE: error"));
        assertThat(problems.toString()).doesNotContain("hunter2");
    }
}
