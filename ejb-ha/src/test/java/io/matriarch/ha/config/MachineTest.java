package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {

    private static final Path DATA = Path.of("/data");

    @TempDir
    private Path root;

    private void install(String... directories) throws IOException {
        for (String directory : directories) {
            Path program = Files.createDirectories(root.resolve(directory)).resolve("postgres");
            assertThat(Files.createFile(program).toFile().setExecutable(true)).isTrue();
        }
    }

    private Machine machine(String searchPath) {
        return new Machine(root, searchPath, true);
    }

    @Test
    void theNewestVersionIsFound() throws IOException {
        install("usr/lib/postgresql/9/bin", "usr/lib/postgresql/15/bin", "usr/lib/postgresql/16/bin");
        Files.createDirectories(root.resolve("usr/lib/postgresql/17/bin"));
        Files.createDirectories(root.resolve("usr/lib/postgresql/common"));

        assertThat(machine("").findBinDir(DATA, "postgres")).contains(Path.of("/usr/lib/postgresql/16/bin"));
    }

    @Test
    void theVersionOfTheDataDirectoryIsPreferred() throws IOException {
        install("usr/lib/postgresql/14/bin", "usr/lib/postgresql/16/bin");
        Files.writeString(Files.createDirectories(root.resolve("data")).resolve("PG_VERSION"), "14\n");

        assertThat(machine("").findBinDir(DATA, "postgres")).contains(Path.of("/usr/lib/postgresql/14/bin"));
    }

    @Test
    void theSearchPathIsTheLastResort() throws IOException {
        install("opt/pg/bin");

        assertThat(machine("relative:/bin:/opt/pg/bin").findBinDir(DATA, "postgres"))
                .contains(Path.of("/opt/pg/bin"));
        assertThat(machine("/bin").findBinDir(DATA, "postgres")).isEmpty();
    }

    @Test
    void whatIsMissingOnTheMachineIsReported() throws IOException {
        Files.writeString(root.resolve("file"), "");
        String yaml = Samples.SMALL
                .replace("/data/n1", "/file")
                .replace("127.0.0.1:8008", "127.0.0.1:8008\n  certfile: /no/cert");

        List<Problem> problems = List.of();
        try {
            ConfigLoader.of(java.util.Map.of(), machine("")).loadText(yaml, "test.yml");
        } catch (ConfigException e) {
            problems = e.problems();
        }

        assertThat(problems)
                .extracting(Problem::key)
                .containsExactlyInAnyOrder("restapi.certfile", "postgresql.data_dir", "postgresql.bin_dir");
        assertThat(problems.toString())
                .contains("does not exist", "exists and is not a directory", "holds no program \"postgres\"");
    }

    @Test
    void filesThatCannotServeTlsAreFoundBeforeAnythingStarts() throws IOException {
        Path cert = Files.writeString(root.resolve("cert.pem"), "not a certificate");
        String yaml = Samples.SMALL.replace("127.0.0.1:8008", "127.0.0.1:8008\n  certfile: " + cert);

        assertThatThrownBy(() ->
                        ConfigLoader.of(java.util.Map.of(), Machine.real()).loadText(yaml, "test.yml"))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems()).anySatisfy(problem -> {
                            assertThat(problem.key()).isEqualTo("restapi.certfile");
                            assertThat(problem.message()).contains("holds no certificate");
                        }));
    }

    @Test
    void withoutProgramsAnywhereTheSentenceSaysWhatToDo() {
        String yaml = Samples.SMALL.replace("bin_dir: /usr/lib/postgresql/15/bin", "bin_dir: ''");

        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> ConfigLoader.of(java.util.Map.of(), machine("")).loadText(yaml, "t"))
                .hasMessageContaining("postgresql.bin_dir: is not set")
                .hasMessageContaining("PATH");
    }
}
