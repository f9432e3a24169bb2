package io.matriarch.backup.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.backup.history.RecordsServer.Nature;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordsServerTest {
    private static final String OTHER = "7300000000000000001";

    @Test
    void anotherServerMayKeepTheRecords() {
        assertThat(RecordsServer.refusal(new Nature(OTHER, "", false), "demo", Optional.empty()))
                .isEmpty();
        assertThat(RecordsServer.refusal(
                        new Nature(OTHER, "records", false), "demo", Optional.of("7300000000000000002")))
                .isEmpty();
    }

    @Test
    void aMemberOfTheClusterMayNot() {
        assertThat(RecordsServer.refusal(new Nature(OTHER, "demo", false), "demo", Optional.empty()))
                .hasValueSatisfying(why -> assertThat(why).contains("managed cluster demo", "cluster_name"));
        assertThat(RecordsServer.refusal(new Nature(OTHER, "", false), "demo", Optional.of(OTHER)))
                .hasValueSatisfying(why -> assertThat(why).contains("managed cluster demo", OTHER));
    }

    @Test
    void aReplicaMayNot() {
        assertThat(RecordsServer.refusal(new Nature(OTHER, "", true), "demo", Optional.empty()))
                .hasValueSatisfying(why -> assertThat(why).contains("replica"));
    }

    @Test
    void eachManagerHasASchemaOfItsOwn() {
        assertThat(RecordsServer.schema("demo", "manager"))
                .matches("jobs_demo_manager_[0-9a-f]{8}")
                .isEqualTo(RecordsServer.schema("demo", "manager"));
        assertThat(RecordsServer.schema("demo", "m-1")).isNotEqualTo(RecordsServer.schema("demo", "m.1"));
        assertThat(RecordsServer.schema("demo", "M1")).isNotEqualTo(RecordsServer.schema("demo", "m1"));
        assertThat(RecordsServer.schema("a-b", "c")).isNotEqualTo(RecordsServer.schema("a", "b-c"));
        assertThat(RecordsServer.schema("x".repeat(80), "y".repeat(80)))
                .hasSizeLessThan(64)
                .isNotEqualTo(RecordsServer.schema("x".repeat(80), "z"));
    }
}
