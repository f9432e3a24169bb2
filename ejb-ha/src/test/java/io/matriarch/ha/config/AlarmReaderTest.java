package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.config.Node.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told of alarms. */
class AlarmReaderTest {
    @TempDir
    Path directory;

    private final Problems problems = new Problems();

    private Optional<WebhookConfig> read(String json, Map<String, String> environment) {
        var mapping = (Mapping) NodeJson.parse(json.replace('\'', '"')).orElseThrow();
        var section = new Section("matriarch.backup", mapping, problems);
        return AlarmReader.webhook(section, new StoreReader(section, Machine.real(), environment));
    }

    private String said() {
        return problems.sorted().toString();
    }

    @Test
    void nobodyIsToldUnlessSomebodyIsNamed() {
        assertThat(read("{}", Map.of("MATRIARCH_WEBHOOK_TOKEN", "t0k3n"))).isEmpty();
        assertThat(problems.sorted()).isEmpty();
    }

    @Test
    void tokenComesFromTheEnvironmentOrAPrivateFileAndIsNotShown() throws IOException {
        var fromEnvironment = read(
                        "{'alarms':{'webhook':{'url':'https://hooks.example/s3cr3t','ping':'1h'}}}",
                        Map.of("MATRIARCH_WEBHOOK_TOKEN", "t0k3n"))
                .orElseThrow();
        Path file = Files.writeString(directory.resolve("token"), "f1l3\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        var fromFile = read(
                        "{'alarms':{'webhook':{'url':'https://hooks.example/','token_file':'" + file + "'}}}", Map.of())
                .orElseThrow();

        assertThat(fromEnvironment.token().orElseThrow().reveal()).isEqualTo("t0k3n");
        assertThat(fromEnvironment.ping()).isEqualTo(Duration.ofHours(1));
        assertThat(fromEnvironment).hasToString("https://hooks.example");
        assertThat(fromFile.token().orElseThrow().reveal()).isEqualTo("f1l3");
        assertThat(fromFile.ping()).isEqualTo(Duration.ofDays(1));
        assertThat(problems.sorted()).isEmpty();
    }

    @Test
    void aFileThatOthersCanReadIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "f1l3\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        read("{'alarms':{'webhook':{'url':'https://hooks.example/','token_file':'" + file + "'}}}", Map.of());

        assertThat(said()).contains("matriarch.backup.alarms.webhook.token_file", "chmod 600");
    }

    @Test
    void whatIsNoAddressIsSaidAndNotRepeated() {
        assertThat(read("{'alarms':{'webhook':{'url':'ftp://hooks.example/s3cr3t'}}}", Map.of()))
                .isEmpty();
        assertThat(said())
                .contains("matriarch.backup.alarms.webhook.url", "https://HOST/PATH")
                .doesNotContain("s3cr3t");
    }

    @Test
    void anAddressIsNeeded() {
        assertThat(read("{'alarms':{'webhook':{'ping':10}}}", Map.of())).isEmpty();
        assertThat(said()).contains("matriarch.backup.alarms.webhook.url", "is missing");
    }

    @Test
    void aTokenOverPlainHttpIsAWarning() {
        assertThat(read(
                        "{'alarms':{'webhook':{'url':'http://hooks.example/'}}}",
                        Map.of("MATRIARCH_WEBHOOK_TOKEN", "t")))
                .isPresent();
        assertThat(said()).contains("not encrypted");
    }
}
