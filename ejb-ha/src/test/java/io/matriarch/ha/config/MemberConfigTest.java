package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.config.MemberConfig.Reloaded;
import io.matriarch.ha.config.MemberConfig.Reloaded.Taken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberConfigTest {
    @TempDir
    private Path directory;

    private final List<LocalConfig> told = new ArrayList<>();
    private MemberConfig member;

    @BeforeEach
    void load() throws IOException {
        member = started(Samples.SMALL);
    }

    private MemberConfig started(String yaml) throws IOException {
        var made = new MemberConfig(Samples.loader(Map.of()), Files.writeString(directory.resolve("n1.yml"), yaml));
        made.onChange(told::add);
        return made;
    }

    private Reloaded reload(String yaml) throws IOException {
        Files.writeString(directory.resolve("n1.yml"), yaml);
        return member.reload();
    }

    private Taken taken(String yaml) throws IOException {
        var reloaded = reload(yaml);
        assertThat(reloaded).isInstanceOf(Taken.class);
        return (Taken) reloaded;
    }

    @Test
    void anUntouchedFileChangesNothing() throws IOException {
        var again = taken("# a comment moves every line\n" + Samples.SMALL);

        assertThat(again.changed()).isEmpty();
        assertThat(again.needRestart()).isEmpty();
    }

    @Test
    void settingsTagsLevelAndCredentialsHoldAtOnce() throws IOException {
        var again = taken(
                Samples.SMALL.replace("127.0.0.1:8008", "127.0.0.1:8008\n  authentication: {username: u, password: p}")
                        + "  parameters: {work_mem: 8MB}\n  pg_hba: [local all all trust]\n"
                        + "tags: {nofailover: true}\nlog: {level: DEBUG}\n");
        var config = member.now();

        assertThat(again.needRestart()).isEmpty();
        assertThat(again.changed()).containsExactly("log", "postgresql", "restapi", "tags");
        assertThat(config.node().parameters()).containsEntry("work_mem", "8MB");
        assertThat(config.tags().nofailover()).isTrue();
        assertThat(config.log().level()).isEqualTo("DEBUG");
        assertThat(config.restapi().authentication()).isPresent();
    }

    @Test
    void whatNeedsARestartKeepsItsOldValueAndTheRestIsTaken() throws IOException {
        var before = member.now();
        var again = taken(Samples.SMALL
                        .replace("name: n1", "name: other")
                        .replace("127.0.0.1:8008", "127.0.0.1:8009")
                        .replace("127.0.0.1:2379", "127.0.0.1:2399")
                        .replace("super-secret", "another")
                        .replace("/data/n1", "/data/n2")
                + "tags: {nofailover: true}\nmatriarch: {management: {listen: 127.0.0.1:7000}}\n");
        var config = member.now();

        assertThat(again.needRestart())
                .containsExactlyInAnyOrder(
                        "name",
                        "etcd3",
                        "restapi.listen",
                        "matriarch.management",
                        "postgresql.data_dir",
                        "postgresql.authentication");
        assertThat(config.name().value()).isEqualTo("n1");
        assertThat(config.restapi().listen().port()).isEqualTo(8008);
        assertThat(config.node().dataDir()).isEqualTo(Path.of("/data/n1"));
        assertThat(config.node().authentication()).isEqualTo(before.node().authentication());
        assertThat(config.matriarch().management()).isEqualTo(before.matriarch().management());
        assertThat(config.tags().nofailover()).isTrue();
    }

    @Test
    void whatWaitedIsTakenBackByTheOldFile() throws IOException {
        assertThat(taken(Samples.SMALL.replace("name: n1", "name: other")).needRestart())
                .containsExactly("name");

        assertThat(taken(Samples.SMALL).needRestart()).isEmpty();
    }

    @Test
    void anotherCertificateIsTakenButAPlainPortStaysPlain() throws IOException {
        String tls = Samples.SMALL.replace("127.0.0.1:8008", "127.0.0.1:8008\n  certfile: /c");
        assertThat(taken(tls).needRestart()).containsExactly("restapi.certfile");
        assertThat(member.now().restapi().tls()).isEmpty();

        member = started(tls);
        var renewed = taken(tls.replace("certfile: /c", "certfile: /d\n  keyfile: /k"));
        assertThat(renewed.needRestart()).isEmpty();
        assertThat(member.now().restapi().tls().orElseThrow().certfile()).isEqualTo(Path.of("/d"));
    }

    @Test
    void aBrokenFileChangesNothingAndAllItsFaultsAreNamed() throws IOException {
        var before = member.now();

        var refused = reload(
                Samples.SMALL.replace("127.0.0.1:8008", "127.0.0.1:99999").replace("scope: demo", "scope: a/b"));
        assertThat(refused)
                .isInstanceOfSatisfying(
                        Reloaded.Refused.class,
                        r -> assertThat(r.problems()).extracting(Problem::key).contains("scope", "restapi.listen"));
        assertThat(reload("scope: [")).isInstanceOf(Reloaded.Refused.class);
        assertThat(member.now()).isSameAs(before);
        assertThat(told).isEmpty();
    }

    @Test
    void userThatCannotUseAFileKeepsNoOtherFromTheReload() throws IOException {
        var later = new ArrayList<LocalConfig>();
        member.onChange(config -> {
            throw new IllegalArgumentException("/c holds no certificate");
        });
        member.onChange(later::add);

        var taken = taken(Samples.SMALL);

        assertThat(later).containsExactly(member.now());
        assertThat(taken.warnings()).extracting(Problem::message).anyMatch(m -> m.contains("/c holds no certificate"));
    }

    @Test
    void usersAreToldOfEachReloadForTheFileMayNameOthersThatChanged() throws IOException {
        taken(Samples.SMALL);

        assertThat(told).containsExactly(member.now());
    }
}
