package io.matriarch.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a source file may look, as far as a machine can tell. */
class SourceShapeTest {

    private static final int MAX_LINES = 400;

    /** A test is read case by case, and a simulated world stands in for a whole system. */
    private static final int MAX_TEST_LINES = 600;

    private static final Path ROOT =
            Path.of(System.getProperty("matriarch.deploy")).resolve("..").normalize();
    private static final List<String> SOURCES =
            List.of("ejb-ha/src", "batch-jobs/src", "stores/src", "web/src", "src/test/java");
    private static final Pattern LEFT_OVER = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern OLD_WORDS = Pattern.compile("\\b(slave|STON" + "ITH)s?\\b");

    @Test
    void aFileFitsInAHead() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : javaFiles()) {
            long lines = Files.readAllLines(file).size();
            boolean product = file.toString().contains("/src/main/");
            if (lines > (product ? MAX_LINES : MAX_TEST_LINES)) {
                tooLong.add(ROOT.relativize(file) + ": " + lines);
            }
        }

        assertThat(tooLong)
                .as(
                        "files of more than %d lines (tests: %d): move a helper that computes into a class of its own",
                        MAX_LINES, MAX_TEST_LINES)
                .isEmpty();
    }

    @Test
    void nothingIsLeftForLater() throws IOException {
        assertThat(linesWith(LEFT_OVER))
                .as("open ends: finish them or file an issue")
                .isEmpty();
    }

    @Test
    void fieldsWordsOnly() throws IOException {
        assertThat(linesWith(OLD_WORDS))
                .as("words that the glossary of ARCHITECTURE.md replaces")
                .isEmpty();
    }

    private static List<String> linesWith(Pattern pattern) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : javaFiles()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (pattern.matcher(lines.get(i)).find()) {
                    found.add(ROOT.relativize(file) + ":" + (i + 1) + ": "
                            + lines.get(i).strip());
                }
            }
        }
        return found;
    }

    private static List<Path> javaFiles() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String source : SOURCES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(source))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.getFileName().toString().equals("SourceShapeTest.java"))
                        .forEach(found::add);
            }
        }
        return found;
    }
}
