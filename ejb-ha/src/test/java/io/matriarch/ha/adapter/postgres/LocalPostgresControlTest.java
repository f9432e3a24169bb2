package io.matriarch.ha.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs each {@link Scenario} in a JVM of its own, as the OS user {@code postgres} when this one is root. */
class LocalPostgresControlTest {
    private static final List<String> JARS = List.of("postgresql-", "jboss-logging-", "snakeyaml-engine-", "jspecify-");
    private static final long LIMIT_MINUTES = 10;

    private static Optional<Path> binDir = Optional.empty();
    private static Path scratch = Path.of("");
    private static final List<String> CLASS_PATH = new ArrayList<>();

    @BeforeAll
    static void findPostgres() throws IOException {
        try (var versions = Files.exists(Path.of("/usr/lib/postgresql"))
                ? Files.list(Path.of("/usr/lib/postgresql"))
                : Stream.<Path>of()) {
            binDir = versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .sorted()
                    .reduce((first, last) -> last);
        }
        assumeTrue(binDir.isPresent(), "PostgreSQL's server programs are not installed below /usr/lib/postgresql");
        scratch = Files.createTempDirectory("mt");
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            boolean wanted = Files.isDirectory(path)
                    || JARS.stream().anyMatch(path.getFileName().toString()::startsWith);
            if (wanted && Files.exists(path)) {
                CLASS_PATH.add(copy(path, scratch.resolve(CLASS_PATH.size() + "-" + path.getFileName()))
                        .toString());
            }
        }
    }

    @AfterAll
    static void cleanUp() throws IOException {
        if (!scratch.toString().isEmpty()) {
            DurableFiles.deleteTree(scratch);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lifecycle", "divergence", "trouble"})
    void scenarioHolds(String scenario) throws Exception {
        List<String> command = new ArrayList<>();
        if (new ProcessBuilder("id", "-u").start().inputReader().readLine().equals("0")) {
            command.addAll(List.of("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(File.pathSeparator, CLASS_PATH),
                Scenario.class.getName(),
                scenario,
                scratch.toString(),
                binDir.orElseThrow().toString()));
        Path output = scratch.resolve(scenario + ".log");
        Process process = new ProcessBuilder(command)
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        assertThat(ended).as("ended in time").isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    /** Readable to everybody: the other user cannot look into a home directory. */
    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return to;
    }
}
