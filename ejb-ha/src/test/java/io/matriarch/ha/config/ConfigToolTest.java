package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigToolTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path dir;

    private int run(String... arguments) {
        return new ConfigTool(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Samples.loader(Map.of()))
                .run(List.of(arguments));
    }

    private String file(String text) throws Exception {
        return Files.writeString(dir.resolve("node 'x'.yml"), text).toString();
    }

    @Test
    void validateSaysWhatTheFileMeans() throws Exception {
        String file = file(Samples.SMALL + "colour: red\n");

        assertThat(run("validate", file)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith(file + " is valid: member n1 of cluster demo (node)")
                .contains("(1 warning)");
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("warning: colour: unknown key");
    }

    @Test
    void validateListsAllProblemsAndExitsWithTwo() throws Exception {
        assertThat(run("validate", file("name: a b\n"))).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("error: name:", "error: scope:", "error: restapi.listen", "is not valid: ");
    }

    @Test
    void brokenYamlIsOneLine() throws Exception {
        assertThat(run("launch", file("a: [\n"))).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("broken YAML (line 2, column 1)")
                .contains("1 problem\n");
    }

    @Test
    void launchPrintsWhatTheLauncherNeeds() throws Exception {
        assertThat(run(
                        "launch",
                        file(Samples.SMALL
                                        .replace("127.0.0.1:8008", "'*:8010'\n  connect_address: h:8010")
                                        .replace("/data/n1", "\"/data/it's $HOME\"")
                                + "matriarch: {roles: [node, manager]}\n")))
                .isZero();

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "MATRIARCH_NAME=n1",
                        "MATRIARCH_SCOPE=demo",
                        "MATRIARCH_REST_ADDR=0.0.0.0",
                        "MATRIARCH_REST_PORT=8010",
                        "MATRIARCH_REST_TLS=false",
                        "MATRIARCH_MGMT_ADDR=127.0.0.1",
                        "MATRIARCH_MGMT_PORT=9992",
                        "MATRIARCH_ROLES=node,manager",
                        "MATRIARCH_DATA_DIR=/data/it's $HOME",
                        "MATRIARCH_JOBS=file");
    }

    @Test
    void aValueCannotForgeALine() throws Exception {
        assertThat(run("launch", file(Samples.SMALL.replace("/data/n1", "\"/data\\nMATRIARCH_NAME=evil\""))))
                .isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("postgresql.data_dir", "control character");
    }

    @Test
    void wrongUseIsExplained() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("start", "x")).isEqualTo(2);
        assertThat(run("validate", "a", "b")).isEqualTo(2);
        assertThat(run("validate")).isEqualTo(2);
        assertThat(run("validate", "no\0path")).isEqualTo(2);
        assertThat(run("validate", dir.resolve("none.yml").toString())).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("usage:", "does not exist", "is not a path", "PATRONI_CONFIGURATION: is not set");
    }
}
