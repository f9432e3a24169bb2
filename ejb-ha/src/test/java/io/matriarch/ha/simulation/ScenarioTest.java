package io.matriarch.ha.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripted histories against golden transcripts: what the cluster does, in words. {@code -Dsim.golden=write} writes them anew; the
 * difference is then for the reader to judge.
 */
class ScenarioTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/scenarios");
    private static final boolean WRITE = "write".equals(System.getProperty("sim.golden"));

    @BeforeAll
    static void silence() {
        Quiet.logs();
    }

    static List<String> everyScenario() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    static Scenario read(String file) throws IOException {
        return Scenario.parse(Files.readAllLines(DIRECTORY.resolve(file)));
    }

    @ParameterizedTest
    @MethodSource("everyScenario")
    void theTranscriptIsTheGoldenOne(String file) throws IOException {
        var path = DIRECTORY.resolve(file);
        var scenario = read(file);
        var transcript = new AtomicReference<List<String>>(List.of());
        SimulationTest.onVirtualThread(() -> transcript.set(scenario.play(new Coverage())));
        if (WRITE) {
            write(path, scenario.written(transcript.get()));
        } else {
            assertThat(transcript.get()).isEqualTo(scenario.expected());
        }
    }

    private static void write(Path path, List<String> lines) {
        try {
            Files.write(path, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
