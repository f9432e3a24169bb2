package io.matriarch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The registry and the jobs' XML say the same, name for name: after a crash the runtime finds a job's XML by its id alone. */
class JobTest {
    private static final Path XML = Path.of("src/main/resources/META-INF/batch-jobs");
    private static final Pattern HEAD =
            Pattern.compile("<job id=\"([^\"]+)\"[^>]* version=\"2.0\" restartable=\"(true|false)\">");
    private static final Pattern PARAMETER = Pattern.compile("#\\{jobParameters\\['([^']+)'\\]\\}");

    @ParameterizedTest
    @EnumSource(Job.class)
    void xmlHasTheNameAndTheRestartOfTheRegistry(Job job) throws IOException {
        var head = HEAD.matcher(Files.readString(XML.resolve(job.word() + ".xml")));

        assertThat(head.find()).isTrue();
        assertThat(head.group(1)).isEqualTo(job.word());
        assertThat(Boolean.parseBoolean(head.group(2))).isEqualTo(job.restartable());
    }

    @ParameterizedTest
    @EnumSource(Job.class)
    void xmlUsesJustTheParametersOfTheRegistry(Job job) throws IOException {
        var used = new TreeSet<String>();
        PARAMETER
                .matcher(Files.readString(XML.resolve(job.word() + ".xml")))
                .results()
                .forEach(found -> used.add(found.group(1)));

        assertThat(used)
                .containsExactlyInAnyOrderElementsOf(
                        job.parameters().stream().map(Job.Parameter::name).toList());
    }

    @Test
    void noXmlLacksAJob() throws IOException {
        try (Stream<Path> files = Files.list(XML)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(Job.values())
                            .map(job -> job.word() + ".xml")
                            .toList());
        }
    }

    @Test
    void missingParameterIsNamedWithItsMeaning() {
        assertThat(Job.CHECK_REPOSITORY.problems(Map.of()))
                .containsExactly("the parameter repository is missing: the absolute path of a directory");
    }

    @Test
    void unknownParameterIsNamedWithTheAllowedOnes() {
        assertThat(Job.VERIFY_BACKUP.problems(Map.of("lable", "b1")))
                .containsExactly("verify-backup knows no parameter lable; allowed: label, replay");
        assertThat(Job.BASE_BACKUP.problems(Map.of("label", "b1")))
                .containsExactly("base-backup knows no parameter label; allowed: incremental, throttle");
    }

    @Test
    void valueThatWouldBreakTheRecordsIsRefused() {
        assertThat(Job.CHECK_REPOSITORY.problems(Map.of("repository", "/backups\nlabel=x")))
                .containsExactly(
                        "the parameter repository is \"/backups?label=x\"; allowed is the absolute path of a directory");
        assertThat(Job.VERIFY_BACKUP.problems(Map.of("label", "../etc"))).hasSize(1);
        assertThat(Job.VERIFY_BACKUP.problems(Map.of("label", "basebackup_20261123T120000Z")))
                .isEmpty();
        assertThat(Job.BASE_BACKUP.problems(Map.of("throttle", "25"))).hasSize(1);
        assertThat(Job.BASE_BACKUP.problems(Map.of("throttle", "25%"))).isEmpty();
    }
}
