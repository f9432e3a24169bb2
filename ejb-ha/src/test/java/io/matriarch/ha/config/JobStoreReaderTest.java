package io.matriarch.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JobStoreReaderTest {
    private static final Map<String, String> PASSWORD = Map.of("MATRIARCH_JOBS_PASSWORD", "s3cr3t");

    private static String with(String repository) {
        return Samples.SMALL + "matriarch: {roles: [node, manager], jobs: {repository: " + repository + "}}\n";
    }

    private static MatriarchConfig load(String yaml) {
        return Samples.loader(PASSWORD).loadText(yaml, "test.yml").config().matriarch();
    }

    @Test
    void withoutAWordAndByTheWordItIsAFile() {
        assertThat(Samples.small().matriarch().jobs()).isEmpty();
        assertThat(load(with("file")).jobs()).isEmpty();
    }

    @Test
    void aPostgresqlIsReadWithItsSecretHidden() {
        var store = load(with("{address: records.example.org, database: jobs, username: m1}"))
                .jobs();

        assertThat(store).hasValueSatisfying(s -> {
            assertThat(s.address()).isEqualTo(new HostPort("records.example.org", 5432));
            assertThat(s.database()).isEqualTo("jobs");
            assertThat(s.username()).isEqualTo("m1");
            assertThat(s.password().reveal()).isEqualTo("s3cr3t");
            assertThat(s).asString().doesNotContain("s3cr3t");
        });
        assertThat(load(with("{address: 'h:5433'}")).jobs().orElseThrow().database())
                .isEqualTo("matriarch");
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThat(Samples.problems(with("{database: 'a b', adress: h}")))
                .extracting(Problem::toString)
                .anyMatch(p -> p.contains("jobs.repository.address: is missing"))
                .anyMatch(p -> p.contains("jobs.repository.database") && p.contains("letters"))
                .anyMatch(p -> p.contains("jobs.repository.password_file: is missing")
                        && p.contains("MATRIARCH_JOBS_PASSWORD"))
                .anyMatch(p -> p.contains("jobs.repository.adress") && p.contains("did you mean"));
        assertThat(Samples.problems(with("memory")))
                .extracting(Problem::toString)
                .anyMatch(p -> p.contains("jobs.repository") && p.contains("file, or a map"));
    }

    @Test
    void theMemberItselfKeepsNoRecords() {
        assertThat(Samples.problems(with("{address: '127.0.0.1:5432'}"), PASSWORD))
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .contains("jobs.repository.address", "127.0.0.1:5432", "managed cluster itself");
    }
}
